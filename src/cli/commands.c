#include "commands.h"

#include <string.h>

const command commands[] = {
    {"info", COMMAND_INFO, "NETWORK", 1, 1, "what a weights file holds",
     "Prints the network's cell, shape, alphabet and outputs, and what was inferred rather than said.", cmd_info},
    {"extract", COMMAND_EXTRACT, "NETWORK", 1, 1, "an automaton that imitates the network",
     "Clusters the network's hidden states, makes a Moore machine of the clusters, and splits clusters until machine "
     "and network no longer part. Without -o the machine goes to standard output as DOT and the summary to standard "
     "error. An extraction that a limit ended is written as well, and the summary says so.",
     cmd_extract},
    {"check", COMMAND_CHECK, "NETWORK PROPERTIES...", 2, SIZE_MAX, "whether the network has its properties",
     "Extracts the automaton, checks every property on it with several engines, replays each counterexample on the "
     "network and refines the automaton where the counterexample was not real. PROPERTIES are files of named "
     "properties, "
     "or automata (.dot, .gv, .xml): whatever the network accepts, that is, puts in its class \"accept\" or else in "
     "the "
     "second of two, the automaton accepts. The last line for each property is its verdict.",
     cmd_check},
    {"certify", COMMAND_CERTIFY, "NETWORK PROPERTIES... | --equal FILE", 1, SIZE_MAX,
     "a proof for words of every length",
     "Looks for a word that violates each property, and else for a proof that no word of any length does: regions of "
     "hidden states that every step leads back into. With --equal in place of properties: that after every word the "
     "network's class is the output of the automaton FILE. A proof allows for an error in every step, eps, that covers "
     "float32 with sums in any order; the largest that goes through is looked for: the headroom says how many times what "
     "float32 needs it is, and the certificate has it. -o keeps the "
     "proofs for verify. Without --timeout each property has 15 seconds. Where no proof is found it says what is known "
     "instead: up to which length no word violates, and how likely a random one does at most. Exits with 0 when all is "
     "proved.",
     cmd_certify},
    {"verify", COMMAND_VERIFY, "CERTIFICATE NETWORK PROPERTIES... | --equal FILE", 2, SIZE_MAX,
     "whether a certificate proves what it should",
     "Reads what certify wrote and believes nothing of it: a small checker that computes with integers alone derives "
     "every inclusion again, for these weights and these properties. Exits with 0 when every property has a proof that "
     "is accepted, else with 5. The program rnnsafe-verify is this command alone. Here Z3 looks at the finite part of "
     "each proof besides.",
     cmd_verify},
    {"replay", COMMAND_REPLAY, "NETWORK WORD", 2, 2, "a word run on the network, step by step",
     "Prints the network's output after every symbol. A word is symbols separated by spaces, or one string where every "
     "symbol is one character. With --properties it says for each property at which moment the word violates it, and "
     "exits with 10 when one is violated.",
     cmd_replay},
    {"compare", COMMAND_COMPARE, "NETWORK...", 0, SIZE_MAX, "clustering methods side by side",
     "Runs each method on each network, on the same random words, and measures clusters, machine, fidelity, time and "
     "memory; with the ground truth also whether clusters mix states of the truth and whether the machine is "
     "equivalent to it. A method that refuses a network has the reason in its row. Networks may come from a table, "
     "--manifest. Last are means, medians and shares for each method.",
     cmd_compare},
    {"convert", COMMAND_CONVERT, "NETWORK", 1, 1, "a network in the format of safetensors",
     "Reads a network from whatever file holds it, and writes its weights as float32 with PyTorch's names and gate "
     "orders to the file that -o names, NAME.safetensors, and all that weights do not say to the card NAME.json. The "
     "network there computes the same bits.",
     cmd_convert},
    {"export", COMMAND_EXPORT, "AUTOMATON", 1, 1, "an automaton in another tool's format",
     "Reads an automaton (.dot, .gv or .xml) and writes it in the format that --to names, with the properties of "
     "--properties where the format has a place for them.",
     cmd_export},
    {0},
};

const command *command_find(const char *name) {
    for (const command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0) return c;
    return NULL;
}
