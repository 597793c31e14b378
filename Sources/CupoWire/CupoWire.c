#include "CupoWire.h"
