// The modules that these headers build on. Imported, not included, so that each declaration
// has one home.
#pragma once
#if __has_feature(modules)
#pragma clang module import CProtobufC
#endif
