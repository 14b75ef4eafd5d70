/* rnnsafe/rnnsafe.h - all of the library, in the order in which data goes through it. */
#ifndef RNNSAFE_H
#define RNNSAFE_H

#include "rnnsafe/core.h"
#include "rnnsafe/network.h"
#include "rnnsafe/trace.h"
#include "rnnsafe/cluster.h"
#include "rnnsafe/automaton.h"
#include "rnnsafe/property.h"
#include "rnnsafe/solver.h"
#include "rnnsafe/refine.h"
#include "rnnsafe/certify.h"
#include "rnnsafe/exchange.h"
#include "rnnsafe/report.h"

#endif
