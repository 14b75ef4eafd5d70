#include "job.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "rnnsafe/exchange.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
    (void)number;
    interrupted = 1;
}

void job_catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

rs_context job_context(const settings *s, atomic_uint_fast64_t *steps) {
    return (rs_context){.seed = s->seed,
                        .threads = s->threads,
                        .deadline = s->timeout > 0 ? rs_now() + s->timeout : 0,
                        .interrupt = &interrupted,
                        .network_steps = steps,
                        .progress = console_progress,
                        .log = console_log};
}

rs_status job_network(rs_network **out, const settings *s, const char *path) {
    rs_network_options options = {
        .card = s->card, .alphabet = s->alphabet, .outputs = s->outputs, .cell = s->cell, .input = s->input};
    return rs_network_load(out, path, &options);
}

bool job_is_automaton(const char *path) {
    const char *const endings[] = {".dot", ".gv", ".xml"};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(path + length - ending, endings[i]) == 0) return true;
    }
    return false;
}

/* The class that counts as accepting: "accept", else the second of two. SIZE_MAX: none. */
static size_t accepting(const rs_names *outputs) {
    size_t accept = rs_names_find(outputs, "accept", strlen("accept"));
    return accept == SIZE_MAX && rs_names_count(outputs) == 2 ? 1 : accept;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

char *job_property_name(const char *path) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char *name = malloc(strlen(base) + 2);
    if (!name) return NULL;
    snprintf(name, strlen(base) + 2, "%s%s", strchr(LETTERS, *base) ? "" : "_", base);
    char *dot = strrchr(name, '.');
    if (dot && dot != name) *dot = 0;
    for (char *p = name; *p; p++)
        if (!strchr(LETTERS "0123456789.-", *p)) *p = '_';
    return name;
}

static int automaton_property(rs_properties **out, const rs_network *net, const char *path) {
    const rs_names *outputs = rs_network_outputs(net);
    size_t accept = accepting(outputs);
    if (accept == SIZE_MAX) {
        console_error("%s: an automaton in place of properties needs a network with an output \"accept\" or with two "
                      "outputs; name them with --outputs",
                      path);
        return EXIT_BAD_INPUT;
    }
    rs_automaton *a = NULL;
    char *name = job_property_name(path);
    rs_status status = name ? rs_automaton_read(&a, path, NULL, NULL) : RS_EMEMORY;
    if (status == RS_OK)
        status = rs_properties_from_automaton(out, a, name, rs_network_alphabet(net), outputs, (uint32_t)accept);
    rs_automaton_free(a);
    free(name);
    return status == RS_OK ? EXIT_HOLDS : console_fail(status);
}

int job_properties(rs_properties **out, const rs_network *net, size_t count, const char *const *paths) {
    rs_properties *all = NULL;
    int code = EXIT_HOLDS;
    for (size_t i = 0; i < count && code == EXIT_HOLDS; i++) {
        rs_properties *some = NULL;
        rs_status status = RS_OK;
        if (job_is_automaton(paths[i])) code = automaton_property(&some, net, paths[i]);
        else status = rs_properties_load(&some, paths[i], rs_network_alphabet(net), rs_network_outputs(net));
        if (status == RS_OK && code == EXIT_HOLDS && all) status = rs_properties_append(all, some, paths[i]);
        else if (!all) {
            all = some;
            some = NULL;
        }
        rs_properties_free(some);
        if (status != RS_OK) code = console_fail(status);
    }
    if (code == EXIT_HOLDS) *out = all;
    else rs_properties_free(all);
    return code;
}

bool job_json_only(const settings *s) {
    return s->json && strcmp(s->json, "-") == 0;
}

rs_status job_write(const settings *s, const char *json, const char *text) {
    rs_status status = s->json ? rs_file_write(s->json, json, strlen(json)) : RS_OK;
    return status == RS_OK && !job_json_only(s) ? rs_file_write("-", text, strlen(text)) : status;
}
