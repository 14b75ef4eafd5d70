/* Malformed property files, each named after its defect, with the message that it must get. They are also the corpus of
 * the fuzz target. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rnnsafe/property.h"
#include "support/unit.h"

static const struct {
    const char *file, *message; /* behind the file's name; NULL: no error */
} cases[] = {
    {"assumption_alone", ": no property in it; a property is a line NAME: FORMULA"},
    {"assumption_colon_missing", ":1:10: expected \":\" after the assumption's name, not \"in\""},
    {"assumption_ends", ":1:9: expected \":\" after the assumption's name, but the property ends here"},
    {"assumption_leaves_no_violation",
     ":2:1: property \"p\": no finite word can violate it that satisfies what is assumed: x: in=a"},
    {"assumption_mentions_an_output", ":1:20: an assumption speaks of symbols alone, not of the output \"accept\""},
    {"assumption_mentions_out", ":1:22: an assumption speaks of symbols alone, not of the output \"reject\""},
    {"assumption_name_begins_with_digit", ":1:8: a property begins with NAME: where NAME is a letter"},
    {"assumption_of_no_word", ":1:1: assumption \"x\": no word satisfies it"},
    {"assumption_of_the_future",
     ":2:3: an assumption speaks of the past alone, and is read at every moment without a G"},
    {"assumption_repeated", ":2:1: a second assumption named \"x\""},
    {"binary_operator_first", ":1:4: expected a formula, not \"U\""},
    {"character_nul", ":1:8: unexpected byte 0x00"},
    {"character_unknown", ":1:9: unexpected character '@'; names with odd characters are quoted, as in=\"(\""},
    {"colon_missing", ":1:3: expected \":\" after the property's name, not \"in\""},
    {"constant_is_a_symbol",
     ":1:4: \"tt\" is a constant and a name; write true for the constant, in=tt or out=tt for the"},
    {"constant_is_an_output",
     ":1:6: \"last\" is a constant and a name; write WX false for the constant, in=last or out=las"},
    {"continuation_of_nothing",
     ":2:3: white space before it makes this the continuation of a property, but there is none a"},
    {"empty", ": no property in it; a property is a line NAME: FORMULA"},
    {"formula_missing", ":1:3: expected a formula, but the property ends here"},
    {"future_below_past",
     ":1:24: a future operator below the past operator \"O\" of 1:14: the past must not depend on"},
    {"future_below_since",
     ":1:7: a future operator below the past operator \"S\" of 1:15: the past must not depend on t"},
    {"good_all_operators", NULL},
    {"good_assumptions", NULL},
    {"good_names", NULL},
    {"good_regex", NULL},
    {"implications_10000", ":1:15996: nested too deeply"},
    {"language_missing", ":1:13: language: "},
    {"last_below_past", ":1:15: a future operator below the past operator \"O\" of 1:6: the past must not depend on t"},
    {"matches_open", ":1:15: expected \")\", but the property ends here"},
    {"matches_unquoted", ":1:12: expected a text in double quotes, not \"a\""},
    {"matches_without_text", ":1:12: expected a text in double quotes, not \")\""},
    {"name_after_in_missing", ":1:7: expected a name, but the property ends here"},
    {"name_after_out_is_an_operator", ":1:8: expected a name, not \"&\""},
    {"name_ambiguous", ":1:4: \"both\" is a symbol and an output; write in=both or out=both"},
    {"name_ambiguous_quoted", ":1:4: \"both\" is a symbol and an output; write in=\"both\" or out=\"both\""},
    {"name_begins_with_digit",
     ":1:1: a property begins with NAME: where NAME is a letter or _ and then letters, digits, _"},
    {"name_missing", ":1:1: a property begins with NAME: where NAME is a letter or _ and then letters, digits, _"},
    {"name_quoted", ":1:1: a property begins with NAME: where NAME is a letter or _ and then letters, digits, _"},
    {"name_repeated", ":3:1: a second property named \"p\""},
    {"name_unknown", ":1:6: no symbol or output \"z\"; the symbols: a b c X ( both tt; the outputs: accept reject"},
    {"negations_10000", ":1:2003: nested too deeply"},
    {"nexts_10000", ":1:6001: nested too deeply"},
    {"no_bad_prefix_eventually",
     ":2:1: property \"p\": no finite word can violate it: every word has a continuation that sati"},
    {"no_bad_prefix_response",
     ":1:1: property \"p\": no finite word can violate it: every word has a continuation that sati"},
    {"no_bad_prefix_tautology",
     ":1:1: property \"p\": no finite word can violate it: every word has a continuation that sati"},
    {"not_utf8", ":2:4: byte 0xff is not UTF-8"},
    {"obligations_too_many", ":1:1: property \"p\": more than 128 obligations on the next moment"},
    {"only_comments", ": no property in it; a property is a line NAME: FORMULA"},
    {"operand_missing", ":1:10: expected a formula, but the property ends here"},
    {"operand_missing_before_next_property", ":1:13: expected a formula, but the property ends here"},
    {"operator_missing", ":1:9: expected a binary operator or the end of the property, not \"in\""},
    {"output_unknown", ":1:8: no output \"a\"; the outputs: accept reject both last"},
    {"parentheses_10000", ":1:1004: nested too deeply"},
    {"parentheses_empty", ":1:6: expected a formula, not \")\""},
    {"parenthesis_open", ":1:10: expected \")\" or a binary operator, but the property ends here"},
    {"parenthesis_surplus", ":1:8: expected a binary operator or the end of the property, not \")\""},
    {"quote_open", ":1:7: this quote is not closed on its line"},
    {"quote_over_two_lines", ":1:7: this quote is not closed on its line"},
    {"regex_backslash_last", ":1:16: regular expression: no symbol \"\\\"; symbols are separated by spaces"},
    {"regex_bracket_empty", ":1:16: regular expression: no symbol is in this set"},
    {"regex_bracket_excludes_all", ":1:14: regular expression: no symbol is in this set"},
    {"regex_bracket_open", ":1:16: regular expression: this [ is not closed"},
    {"regex_bracket_operator",
     ":1:16: regular expression: an operator between [ and ]; put a backslash before it when it"},
    {"regex_bracket_surplus",
     ":1:16: regular expression: this closes nothing; put a backslash before it when it is a sym"},
    {"regex_count_huge", ":1:16: regular expression: a count above 1000"},
    {"regex_count_large", ":1:16: regular expression: a count above 1000"},
    {"regex_count_missing", ":1:16: regular expression: expected a number, as in {2}, {2,} or {2,5}"},
    {"regex_count_open", ":1:15: regular expression: this { is not closed"},
    {"regex_count_reversed", ":1:15: regular expression: the second count is below the first"},
    {"regex_counts_multiply",
     ":1:14: regular expression: its automaton has more than 100,000 states or 2,000,000 transit"},
    {"regex_counts_of_nothing_multiply",
     ":1:14: regular expression: its automaton has more than 100,000 states or 2,000,000 transit"},
    {"regex_nested_deeply", ":1:1014: regular expression: nested too deeply"},
    {"regex_parenthesis_open", ":1:16: regular expression: this ( is not closed"},
    {"regex_parenthesis_surplus",
     ":1:17: regular expression: this ) closes nothing; put a backslash before it when it is a s"},
    {"regex_quote_open", ":1:16: regular expression: this ' is not closed"},
    {"regex_repetition_first",
     ":1:14: regular expression: nothing stands before this repetition; put a backslash before i"},
    {"regex_repetition_of_nothing",
     ":1:18: regular expression: nothing stands before this repetition; put a backslash before i"},
    {"regex_repetitions_of_repetitions", ":1:1016: regular expression: nested too deeply"},
    {"regex_subsets_explode",
     ":1:14: regular expression: more than 100000 states after making the automaton deterministi"},
    {"regex_symbol_unknown", ":1:16: regular expression: no symbol \"z\"; symbols are separated by spaces"},
    {"regex_symbols_run_together", ":1:14: regular expression: no symbol \"ab\"; symbols are separated by spaces"},
    {"states_too_many", ":1:1: property \"p\": its monitor has more than 100000 states or 4000000 transitions"},
    {"symbol_called_like_an_operator", ":1:6: expected a formula, not \"->\"; the symbol X is written in=X"},
    {"symbol_called_like_an_operator_alone", ":1:12: expected a formula, not \")\"; the symbol X is written in=X"},
    {"symbol_is_an_output", ":1:7: no symbol \"accept\"; the symbols: a b c X ( both tt"},
    {"symbol_unknown", ":1:7: no symbol \"z\"; the symbols: a b c X ( both tt"},
};

static void messages_say_where(void) {
    rs_names *alphabet = NULL, *outputs = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b c X ( both tt"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "accept reject both last"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char relative[200], wanted[400];
        rs_properties *list = NULL;
        snprintf(relative, sizeof relative, "tests/fuzz/corpus/property/%s", cases[i].file);
        snprintf(wanted, sizeof wanted, "%s%s", cases[i].file, cases[i].message ? cases[i].message : "");
        rs_status status = rs_properties_load(&list, unit_source(relative), alphabet, outputs);
        if (cases[i].message) {
            unit_status(status, RS_EINPUT, cases[i].file, __FILE__, __LINE__);
            unit_contains(rs_error_message(), wanted, __FILE__, __LINE__);
            CU_ASSERT(list == NULL);
        } else {
            unit_status(status, RS_OK, cases[i].file, __FILE__, __LINE__);
        }
        rs_properties_free(list);
    }
    rs_names_free(alphabet);
    rs_names_free(outputs);
}

/* No file of the folder is left out of the table. */
static void every_file_is_listed(void) {
    DIR *folder = opendir(unit_source("tests/fuzz/corpus/property"));
    CU_ASSERT_FATAL(folder != NULL);
    size_t files = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        size_t i = 0;
        while (i < sizeof cases / sizeof *cases && strcmp(cases[i].file, entry->d_name) != 0) i++;
        if (i == sizeof cases / sizeof *cases) printf("\n%s is not in the table\n", entry->d_name);
        CU_ASSERT(i < sizeof cases / sizeof *cases);
        files++;
    }
    closedir(folder);
    CU_ASSERT(files == sizeof cases / sizeof *cases);
}

static const unit_test tests[] = {
    {"messages say where", messages_say_where},
    {"every file is listed", every_file_is_listed},
};
UNIT_MAIN("property_malformed", tests)
