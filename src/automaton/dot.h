/* Graphviz DOT as a plain graph, before it is read as a machine. */
#ifndef RS_AUTOMATON_DOT_H
#define RS_AUTOMATON_DOT_H

#include "automaton/moore.h"

/* Text as it stands between the quotes, with \" resolved and other backslashes kept; NULL: not said. */
typedef struct rs_dot_text {
    char *text;
    rs_place place;
} rs_dot_text;

typedef struct rs_dot_node {
    char *id;
    rs_place place; /* of its first mention */
    rs_dot_text label;
    bool accepting; /* its shape is doublecircle */
} rs_dot_node;

typedef struct rs_dot_edge {
    uint32_t from, to; /* nodes */
    rs_place place;
    rs_dot_text label, support;
} rs_dot_edge;

typedef struct rs_dot_graph {
    const char *name;   /* the file's, for messages; borrowed */
    rs_dot_node *nodes; /* [node_count] in the order of their first mention */
    rs_dot_edge *edges; /* [edge_count] */
    size_t node_count, node_capacity, edge_count, edge_capacity;
    rs_dot_text kind, alphabet, outputs; /* attributes of the graph */
} rs_dot_graph;

/* The subset: one (strict) digraph; nodes and edges with attributes, attributes of the graph, a default shape of nodes;
 * quoted and bare names, comments. RS_EINPUT with the position: anything else. Starts as {0} but for `name`; free it in
 * any case. */
rs_status rs_dot_parse(rs_dot_graph *graph, const char *text, size_t length);
void rs_dot_free(rs_dot_graph *graph);

#endif
