/* rnnsafe(1) in the man macros, from the same tables as --help. */
#include <stdio.h>

#include "help.h"
#include "options.h"
#include "rnnsafe/core.h"

/* Text with roff's own characters escaped. Tables hold no line that starts with a dot. */
static void text(const char *value) {
    for (; *value; value++) {
        if (*value == '\\') printf("\\e");
        else if (*value == '-') printf("\\-");
        else if (*value == '\'') printf("\\(aq");
        else putchar(*value);
    }
}

static void paragraph(const char *value) {
    printf(".PP\n");
    text(value);
    putchar('\n');
}

static void terms(const help_term *t) {
    for (; t->name; t++) {
        printf(".TP\n.B %s\n", t->name);
        text(t->text);
        putchar('\n');
    }
}

static void takers(const option_row *row) {
    printf("\n.br\nOf ");
    for (const command *c = commands, *first = c; c->name; c++) {
        if (!(row->commands & c->bit)) continue;
        if (first != commands) printf(", ");
        printf("\\fB%s\\fR", c->name);
        first = c + 1;
    }
    printf(".\n");
}

static void option(const option_row *row) {
    printf(".TP\n");
    if (row->letter) printf("\\fB\\-%c\\fR, ", row->letter);
    printf("\\fB\\-\\-");
    text(row->name);
    printf("\\fR");
    if (row->argument) printf(" \\fI%s\\fR", row->argument);
    printf("\n");
    text(row->help);
    char list[OPTIONS_CHOICES];
    if (row->choice && !row->describe) {
        options_choices(list, row);
        printf(": ");
        text(list);
    }
    if (row->initial) {
        printf(" (default ");
        text(row->initial);
        printf(")");
    }
    const char *choice;
    for (size_t i = 0; row->describe && (choice = row->choice(i)); i++) {
        printf("\n.br\n\\fB");
        text(choice);
        printf("\\fR: ");
        text(row->describe(choice));
    }
    takers(row);
}

void help_manual(void) {
    printf(".TH RNNSAFE 1 \"\" \"rnnsafe %s\" \"User Commands\"\n", rs_version());
    printf(".SH NAME\nrnnsafe \\- safety properties of trained recurrent networks\n.SH SYNOPSIS\n");
    for (const command *c = commands; c->name; c++)
        printf("%s.B rnnsafe %s\n.RI \"%s\" \" [OPTIONS]\"\n", c == commands ? "" : ".br\n", c->name, c->arguments);
    printf(".SH DESCRIPTION\n");
    text("rnnsafe lifts the hidden states of a trained recurrent network (Elman, GRU, LSTM) to the states of an "
         "automaton, "
         "checks safety properties on the automaton with several engines, replays every counterexample on the network "
         "itself, and refines the automaton where it was wrong. A violation it reports really happens on the network. "
         "Proofs for words of every length come as certificates that a small checker accepts.");
    printf("\n");
    paragraph("Results go to standard output, everything else to standard error. Options may stand anywhere after the "
              "command; -- ends them.");
    printf(".SH COMMANDS\n");
    for (const command *c = commands; c->name; c++) {
        printf(".TP\n.BI \"rnnsafe %s \" \"%s\"\n", c->name, c->arguments);
        text(c->text);
        putchar('\n');
    }
    printf(".SH OPTIONS\n");
    for (const option_row *row = option_rows; row->name; row++) option(row);
    printf(".SH VERDICTS\n");
    paragraph("The last line for each property is VERDICT, its name, and one of these words:");
    terms(help_verdicts);
    printf(".SH EXIT STATUS\n");
    terms(help_exit_codes);
    printf(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\n");
    text("When it is set and not empty, nothing is coloured. Colour is used on a terminal only.");
    printf("\n.SH EXAMPLES\n.PP\n.EX\n");
    text("rnnsafe check coffee.safetensors coffee.properties");
    printf("\n");
    text("rnnsafe replay coffee.safetensors \"coin button\" --properties coffee.properties");
    printf("\n");
    text("rnnsafe certify coffee.safetensors coffee.properties -o coffee.certificate");
    printf("\n");
    text("rnnsafe verify coffee.certificate coffee.safetensors coffee.properties");
    printf("\n");
    text("rnnsafe extract coffee.safetensors -o coffee.dot");
    printf("\n.EE\n");
}
