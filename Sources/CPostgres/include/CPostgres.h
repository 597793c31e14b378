#pragma once

// libpq's own header. The library itself is loaded when somebody asks for it: it brings some twenty others with it (TLS, Kerberos, LDAP), and
// a server on a file of its own needs none of them.
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

/// Loads libpq. Called before any other function, once.
/// Returns NULL, or why it cannot be loaded; the text stays valid.
const char *cupo_load_libpq(void);
