#include "help.h"

#include <stdio.h>
#include <string.h>

#include "options.h"

#define WIDTH 80

const help_term help_exit_codes[] = {
    {"0", "all properties hold under the guarantee asked for; or the command did what it was asked"},
    {"1", "usage: a command, an option or an argument is wrong"},
    {"2", "an input is bad, or an output cannot be written"},
    {"5", "inconclusive: some property was not decided, or not proved where proof is required; none is violated"},
    {"6", "internal error or out of memory"},
    {"10", "at least one property is violated, by a word that was replayed on the network"},
    {"130", "interrupted"},
    {0},
};

const help_term help_verdicts[] = {
    {"PROVED", "for words of every length and steps computed to within eps, by a certificate that verify accepts"},
    {"HOLDS", "no violation was found: the line says how improbable one is (epsilon, delta, number and lengths of "
              "random words) and up to which length all words were tried"},
    {"VIOLATED", "with a word that was replayed on the network"},
    {"UNKNOWN", "with the reason"},
    {0},
};

/* Prints `text` from `column` on, broken at spaces before WIDTH, later lines indented by `indent`. */
static void wrap(const char *text, size_t column, size_t indent) {
    while (*text) {
        size_t length = strcspn(text, " ");
        if (column > indent && column + 1 + length > WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, text);
        column += length;
        text += length + strspn(text + length, " ");
    }
    putchar('\n');
}

static void term(const char *name, const char *text) {
    const size_t indent = 12;
    size_t column = (size_t)printf("  %-8s", name);
    printf("%*s", (int)(indent - column), "");
    wrap(text, indent, indent);
}

static void option(const option_row *row) {
    const size_t indent = 26;
    char letter[5] = "    ", name[64];
    if (row->letter) snprintf(letter, sizeof letter, "-%c, ", row->letter);
    snprintf(name, sizeof name, "--%s%s%s", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
    size_t column = (size_t)printf("  %s%s", letter, name);
    if (column + 2 > indent) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", (int)(indent - column), "");
    char text[640 + OPTIONS_CHOICES], list[OPTIONS_CHOICES] = "";
    if (row->choice && !row->describe) options_choices(list, row);
    snprintf(text, sizeof text, "%s%s%s%s%s%s", row->help, *list ? ": " : "", list, row->initial ? " (" : "",
             row->initial ? row->initial : "", row->initial ? ")" : "");
    wrap(text, indent, indent);
    const char *choice;
    for (size_t i = 0; row->describe && (choice = row->choice(i)); i++) {
        column = (size_t)printf("%*s%s:", (int)indent + 2, "", choice);
        wrap(row->describe(choice), column, indent + 4);
    }
}

void help_overview(void) {
    printf("rnnsafe checks safety properties of trained recurrent networks.\n\n"
           "usage: rnnsafe COMMAND ARGUMENTS [OPTIONS]\n\n");
    for (const command *c = commands; c->name; c++) term(c->name, c->summary);
    printf("\n\"rnnsafe help COMMAND\" says more. Exit codes:\n\n");
    for (const help_term *t = help_exit_codes; t->name; t++) term(t->name, t->text);
}

void help_command(const command *c) {
    printf("usage: rnnsafe %s %s [OPTIONS]\n\n", c->name, c->arguments);
    wrap(c->text, 0, 0);
    printf("\nOptions, with their defaults:\n");
    for (const option_row *row = option_rows; row->name; row++)
        if (row->commands & c->bit) option(row);
}
