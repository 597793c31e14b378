#include "WellKnownWire.h"
