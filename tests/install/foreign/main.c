/* A machine that accepts words of even length, written with twice the states it needs, and minimised. */
#include <rnnsafe/rnnsafe.h>
#include <stdio.h>

int main(void) {
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_automaton *machine = NULL, *minimal = NULL;
    rs_word word = {0};
    const uint32_t output[4] = {1, 0, 1, 0}, next[8] = {1, 1, 2, 2, 3, 3, 0, 0};
    rs_status status = rs_names_parse(&alphabet, "alphabet", "a b");
    if (status == RS_OK) status = rs_names_parse(&outputs, "outputs", "reject accept");
    if (status == RS_OK)
        status = rs_automaton_new(&machine, alphabet, outputs, 4, 0, output, next, NULL, NULL);
    if (status == RS_OK) status = rs_automaton_minimise(&minimal, NULL, machine);
    if (status == RS_OK) status = rs_word_parse(&word, alphabet, "abab");
    if (status == RS_OK) {
        size_t end = rs_automaton_run(minimal, rs_automaton_start(minimal), word.symbols, word.length);
        printf("rnnsafe %s: %zu states, %zu after minimisation, abab is %s\n", rs_version(), rs_automaton_states(machine),
               rs_automaton_states(minimal), rs_names_get(outputs, rs_automaton_output(minimal, end)));
    } else fprintf(stderr, "%s\n", rs_error_message());
    rs_word_free(&word);
    rs_automaton_free(minimal);
    rs_automaton_free(machine);
    rs_names_free(outputs);
    rs_names_free(alphabet);
    return status == RS_OK ? 0 : 1;
}
