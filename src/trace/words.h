/* Word lists inside. */
#ifndef RS_TRACE_WORDS_H
#define RS_TRACE_WORDS_H

#include "rnnsafe/trace.h"

/* The longest word and the most symbols of a list: nodes of a trace fit uint32_t. */
#define RS_WORD_LIMIT ((size_t)1000000)
#define RS_WORDS_LIMIT ((size_t)1 << 31)

/* What rs_lengths_parse checks too: min <= max <= RS_WORD_LIMIT, stop in (0, 1]. RS_EUSAGE. */
rs_status rs_lengths_check(const rs_lengths *lengths);

/* Makes room for `count` more words with `symbols` symbols in all. RS_EUSAGE: more than the limits. */
rs_status rs_words_reserve(rs_words *words, size_t count, size_t symbols);

/* Symbols of all words, and the largest of them (0 where there is none). */
size_t rs_words_total(const rs_words *words);
uint32_t rs_words_largest(const rs_words *words);

#endif
