#include "RPCWire.h"
