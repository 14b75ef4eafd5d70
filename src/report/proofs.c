/* `certify` and `verify`: what was proved, in words, with the errors that it allows. Numbers are rounded down, so that
 * what is printed still holds. */
#include <math.h>
#include <string.h>

#include "core/status.h"
#include "report/format.h"

static double real(int64_t units) {
    return ldexp((double)units, -40);
}

/* Three digits, rounded down. */
static void add_down(rs_text *text, double value) {
    double unit = value > 0 ? pow(10, floor(log10(value)) - 2) : 1;
    rs_text_add(text, "%.3g", floor(value / unit) * unit);
}

static void add_proved(rs_text *text, const rs_report_proof *p) {
    const rs_certificate *z = p->certificate;
    rs_text_add(text, "  proved for words of every length, when each step is computed to within eps = ");
    add_down(text, real(z->eps));
    rs_text_add(text, " in every coordinate\n  of the state and ");
    add_down(text, real(z->eps_logit));
    rs_text_add(text, " in every logit; float32, whatever the order of its sums, is within that\n");
    if (p->headroom > 0) {
        rs_text_add(text, "  headroom: that is ");
        add_down(text, p->headroom);
        rs_text_add(text, " times what is needed, and the most that was found to go through\n");
    }
    rs_text_add(text, "  by %zu region%s of hidden states: what leaves one is back in one after at most %zu step%s\n",
                z->regions, z->regions == 1 ? "" : "s", z->depth, z->depth == 1 ? "" : "s");
}

/* Assumptions that are wider, and what came of them. */
static rs_status add_wider(rs_text *text, const rs_network *net, const rs_report_proof *p) {
    rs_status status = RS_OK;
    char *word = NULL;
    for (size_t i = 0; i < p->wider_count; i++) {
        const rs_report_wider *w = &p->wider[i];
        rs_text_add(text, "  not when assuming only ");
        rs_report_clean(text, w->assuming);
        if (w->verdict == RS_VERDICT_VIOLATED) {
            RS_TRY(rs_word_format(&word, rs_network_alphabet(net), w->word->symbols, w->word->length));
            rs_text_add(text, ": violated by ");
            rs_report_clean(text, word);
            free(word);
            word = NULL;
        } else {
            rs_text_add(text, ": not proved, ");
            rs_report_clean(text, w->reason);
        }
        rs_text_add(text, "\n");
    }
cleanup:
    free(word);
    return status;
}

/* What is known without a proof, or beside it; each says what it is. */
static void add_bounded(rs_text *text, const rs_report_proof *p) {
    const rs_bounded *b = p->bounded;
    if (!b || b->violated) return;
    if (!b->length) rs_text_add(text, "  bounded: nothing");
    else
        rs_text_add(text, "  bounded: no word up to length %zu violates it; all were run, in %llu network steps",
                    b->length, (unsigned long long)b->steps);
    if (strcmp(b->end, "length") != 0) rs_text_add(text, "; %s ended that", b->end);
    rs_text_add(text, "\n");
    if (b->words) {
        rs_text_add(text, "  statistical: no violation among %zu random words", b->words);
        if (p->assuming) rs_text_add(text, " that satisfy what is assumed, of %zu drawn", b->drawn);
        rs_text_add(text, ", lengths %s;\n  with confidence ", p->lengths);
        rs_report_confidence(text, b->delta);
        rs_text_add(text, " a random word%s violates it with probability at most ", p->assuming ? " that does" : "");
        rs_report_bound(text, b->epsilon);
        rs_text_add(text, "\n");
    } else if (b->drawn) {
        rs_text_add(text, "  statistical: nothing; none of %zu random words satisfies what is assumed\n", b->drawn);
    }
}

void rs_report_proof_evidence(rs_text *text, const rs_network *net, const rs_report_proof *p, bool colour) {
    if (p->verdict == RS_VERDICT_PROVED) add_proved(text, p);
    if (p->verdict == RS_VERDICT_VIOLATED) {
        rs_mark mark = {p->word->length, p->name};
        rs_text_add(text, "  violated on the network by this word of %zu symbol%s\n", p->word->length,
                    p->word->length == 1 ? "" : "s");
        rs_report_moments(text, net, p->word, p->outputs, 1, &mark, colour);
    }
    if (p->verdict == RS_VERDICT_UNKNOWN) {
        rs_text_add(text, "  not proved: ");
        rs_report_clean(text, p->reason);
        rs_text_add(text, "\n");
    }
    add_bounded(text, p);
    if (p->method) {
        rs_text_add(text, "  found by ");
        rs_report_clean(text, p->method);
        rs_text_add(text, "\n");
    }
}

rs_status rs_report_proof_verdict(rs_text *text, const rs_network *net, const rs_report_proof *p, bool colour) {
    static const char *const colours[] = {"32", "32", "31", "33"}; /* by rs_verdict: green, green, red, yellow */
    rs_status status = RS_OK;
    rs_text_add(text, "VERDICT ");
    rs_report_clean(text, p->name);
    rs_text_add(text, " ");
    rs_report_colour(text, colour, colours[p->verdict], rs_verdict_name(p->verdict));
    if (p->verdict == RS_VERDICT_PROVED) {
        rs_text_add(text, " words of every length, eps=");
        add_down(text, real(p->certificate->eps));
        rs_text_add(text, " eps_logit=");
        add_down(text, real(p->certificate->eps_logit));
        if (p->headroom > 0) {
            rs_text_add(text, " headroom=");
            add_down(text, p->headroom);
        }
        rs_report_verdict_assuming(text, p->assuming_names);
    } else if (p->verdict == RS_VERDICT_VIOLATED) {
        char *word = NULL;
        RS_TRY(rs_word_format(&word, rs_network_alphabet(net), p->word->symbols, p->word->length));
        rs_text_add(text, " word: ");
        rs_report_clean(text, word);
        free(word);
    } else {
        rs_text_add(text, " ");
        rs_report_clean(text, p->reason);
    }
    if (p->verdict != RS_VERDICT_VIOLATED && p->bounded) {
        rs_text_add(text, "%s exhaustive=%zu", p->verdict == RS_VERDICT_UNKNOWN ? ";" : "", p->bounded->length);
        if (p->bounded->words) {
            rs_text_add(text, " epsilon=");
            rs_report_bound(text, p->bounded->epsilon);
            rs_text_add(text, " delta=");
            rs_report_bound(text, p->bounded->delta);
            rs_text_add(text, " words=%zu lengths=%s", p->bounded->words, p->lengths);
        }
    }
    rs_text_add(text, "\n");
cleanup:
    return status;
}

rs_status rs_report_proofs_text(char **out, const rs_network *net, size_t count, const rs_report_proof *proofs,
                                const rs_report_run *run) {
    rs_status status = RS_OK;
    rs_text text = {0};
    rs_text_add(&text, "network     ");
    rs_report_network_line(&text, net);
    rs_text_add(&text, "\n");
    for (size_t i = 0; i < count; i++) {
        const rs_report_proof *p = &proofs[i];
        rs_text_add(&text, "\n%s ", p->claim);
        rs_report_clean(&text, p->name);
        rs_text_add(&text, ": ");
        rs_report_clean(&text, p->formula ? p->formula : "after every word the class is the automaton's");
        rs_text_add(&text, "\n");
        rs_report_assuming(&text, p->assuming);
        RS_TRY(add_wider(&text, net, p));
        rs_report_proof_evidence(&text, net, p, run->colour);
    }
    rs_text_add(&text, "\n");
    for (size_t i = 0; i < count; i++) RS_TRY(rs_report_proof_verdict(&text, net, &proofs[i], run->colour));
    RS_TRY(rs_text_take(out, &text));
cleanup:
    rs_text_free(&text);
    return status;
}

static json_t *guarantee(const rs_report_proof *p) {
    json_t *object = json_object();
    const rs_certificate *z = p->certificate;
    switch (p->verdict) {
    case RS_VERDICT_PROVED:
        rs_json_put(&object, "kind", json_string("proved"));
        rs_json_put(&object, "eps", rs_json_real(real(z->eps)));
        rs_json_put(&object, "eps_logit", rs_json_real(real(z->eps_logit)));
        if (p->headroom > 0) rs_json_put(&object, "headroom", rs_json_real(p->headroom));
        rs_json_put(&object, "regions", rs_json_size(z->regions));
        rs_json_put(&object, "depth", rs_json_size(z->depth));
        break;
    case RS_VERDICT_VIOLATED:
        rs_json_put(&object, "kind", json_string("replayed"));
        break;
    default:
        rs_json_put(&object, "kind", json_string("none"));
        rs_json_put(&object, "reason", rs_json_text(p->reason));
        break;
    }
    if (p->method) rs_json_put(&object, "method", rs_json_text(p->method));
    if (p->bounded && !p->bounded->violated) {
        json_t *bounded = json_object(), *statistical = json_object();
        rs_json_put(&bounded, "length", rs_json_size(p->bounded->length));
        rs_json_put(&bounded, "network_steps", rs_json_size(p->bounded->steps));
        rs_json_put(&bounded, "end", rs_json_text(p->bounded->end));
        rs_json_put(&object, "bounded", bounded);
        if (p->bounded->drawn) {
            rs_json_put(&statistical, "epsilon", rs_json_real(p->bounded->epsilon));
            rs_json_put(&statistical, "delta", rs_json_real(p->bounded->delta));
            rs_json_put(&statistical, "distribution", rs_json_text(p->lengths));
            rs_json_put(&statistical, "words", rs_json_size(p->bounded->words));
            rs_json_put(&statistical, "drawn", rs_json_size(p->bounded->drawn));
            rs_json_put(&object, "statistical", statistical);
        } else json_decref(statistical);
    }
    return object;
}

/* Assumptions before the one that the claim is about. */
static json_t *wider(const rs_network *net, const rs_report_proof *p) {
    json_t *list = json_array();
    for (size_t i = 0; i < p->wider_count; i++) {
        const rs_report_wider *w = &p->wider[i];
        json_t *entry = json_object();
        rs_json_put(&entry, "assuming", rs_json_text(w->assuming));
        rs_json_put(&entry, "verdict", rs_json_text(rs_verdict_name(w->verdict)));
        if (w->verdict == RS_VERDICT_VIOLATED)
            rs_json_put(&entry, "word", rs_json_sequence(rs_network_alphabet(net), w->word->symbols, w->word->length));
        else rs_json_put(&entry, "reason", rs_json_text(w->reason));
        rs_json_append(&list, entry);
    }
    return list;
}

void rs_json_proof(json_t **entry, const rs_network *net, const rs_report_proof *p) {
    rs_json_put(entry, "verdict", rs_json_text(rs_verdict_name(p->verdict)));
    rs_json_put(entry, "guarantee", guarantee(p));
    if (p->verdict != RS_VERDICT_VIOLATED) return;
    json_t *shown = json_object();
    const rs_word *w = p->word;
    rs_json_put(&shown, "word", rs_json_sequence(rs_network_alphabet(net), w->symbols, w->length));
    rs_json_put(&shown, "outputs", rs_json_sequence(rs_network_outputs(net), p->outputs, w->length));
    rs_json_put(entry, "counterexample", shown);
}

rs_status rs_report_proofs_json(char **out, const rs_network *net, size_t count, const rs_report_proof *proofs,
                                const rs_report_run *run) {
    json_t *object = rs_json_head(run->command), *list = json_array(), *seconds = json_object();
    rs_json_put(&object, "seed", rs_json_size(run->seed));
    rs_json_put(&object, "network", rs_json_network(net));
    for (size_t i = 0; i < count; i++) {
        const rs_report_proof *p = &proofs[i];
        json_t *entry = json_object();
        rs_json_put(&entry, "claim", rs_json_text(p->claim));
        rs_json_put(&entry, "name", rs_json_text(p->name));
        if (p->formula) rs_json_put(&entry, "formula", rs_json_text(p->formula));
        if (p->assuming) rs_json_put(&entry, "assuming", rs_json_text(p->assuming));
        if (p->wider_count) rs_json_put(&entry, "wider", wider(net, p));
        rs_json_proof(&entry, net, p);
        rs_json_append(&list, entry);
    }
    rs_json_put(&object, "properties", list);
    rs_json_put(&object, "network_steps", rs_json_size(run->network_steps));
    rs_json_put(&seconds, "total", rs_json_real(round(run->seconds * 1e6) / 1e6));
    rs_json_put(&object, "seconds", seconds);
    return rs_json_take(out, object);
}
