// Stands in for libpq: each function calls the one that was loaded. A function that the wrapper begins to use is added to the list; one that is
// missing here is a link error.
#include "CPostgres.h"

#include <dlfcn.h>
#include <stddef.h>

#if defined(__APPLE__)
#define LIBRARY "libpq.5.dylib"
#else
#define LIBRARY "libpq.so.5"
#endif

// GIVES(result, name, parameters, arguments) and, without a result, DOES(name, parameters, arguments).
#define FUNCTIONS \
  GIVES(int, PQbackendPID, (const PGconn *c), (c)) \
  GIVES(char *, PQcmdStatus, (PGresult *r), (r)) \
  GIVES(char *, PQcmdTuples, (PGresult *r), (r)) \
  GIVES(PostgresPollingStatusType, PQconnectPoll, (PGconn *c), (c)) \
  GIVES(PGconn *, PQconnectStartParams, \
    (const char *const *names, const char *const *values, int expand), (names, values, expand)) \
  GIVES(int, PQconsumeInput, (PGconn *c), (c)) \
  GIVES(int, PQenterPipelineMode, (PGconn *c), (c)) \
  GIVES(char *, PQerrorMessage, (const PGconn *c), (c)) \
  GIVES(int, PQflush, (PGconn *c), (c)) \
  GIVES(PGresult *, PQgetResult, (PGconn *c), (c)) \
  GIVES(int, PQgetlength, (const PGresult *r, int row, int column), (r, row, column)) \
  GIVES(char *, PQgetvalue, (const PGresult *r, int row, int column), (r, row, column)) \
  GIVES(int, PQisBusy, (PGconn *c), (c)) \
  GIVES(PGnotify *, PQnotifies, (PGconn *c), (c)) \
  GIVES(int, PQntuples, (const PGresult *r), (r)) \
  GIVES(const char *, PQparameterStatus, (const PGconn *c, const char *name), (c, name)) \
  GIVES(int, PQpipelineSync, (PGconn *c), (c)) \
  GIVES(char *, PQresultErrorField, (const PGresult *r, int field), (r, field)) \
  GIVES(ExecStatusType, PQresultStatus, (const PGresult *r), (r)) \
  GIVES(int, PQsendPrepare, \
    (PGconn *c, const char *name, const char *sql, int count, const Oid *types), \
    (c, name, sql, count, types)) \
  GIVES(int, PQsendQueryParams, \
    (PGconn *c, const char *sql, int count, const Oid *types, const char *const *values, \
     const int *lengths, const int *formats, int format), \
    (c, sql, count, types, values, lengths, formats, format)) \
  GIVES(int, PQsendQueryPrepared, \
    (PGconn *c, const char *name, int count, const char *const *values, const int *lengths, \
     const int *formats, int format), \
    (c, name, count, values, lengths, formats, format)) \
  GIVES(PQnoticeProcessor, PQsetNoticeProcessor, \
    (PGconn *c, PQnoticeProcessor process, void *context), (c, process, context)) \
  GIVES(int, PQsetnonblocking, (PGconn *c, int is), (c, is)) \
  GIVES(int, PQsocket, (const PGconn *c), (c)) \
  GIVES(ConnStatusType, PQstatus, (const PGconn *c), (c)) \
  GIVES(PGTransactionStatusType, PQtransactionStatus, (const PGconn *c), (c)) \
  DOES(PQclear, (PGresult *r), (r)) \
  DOES(PQfinish, (PGconn *c), (c)) \
  DOES(PQfreemem, (void *memory), (memory))

#define GIVES(result, name, parameters, arguments) result (*name) parameters;
#define DOES(name, parameters, arguments) void (*name) parameters;
static struct {
  FUNCTIONS
} loaded;
#undef GIVES
#undef DOES

#define GIVES(result, name, parameters, arguments) \
  result name parameters { return loaded.name arguments; }
#define DOES(name, parameters, arguments) \
  void name parameters { loaded.name arguments; }
FUNCTIONS
#undef GIVES
#undef DOES

const char *cupo_load_libpq(void) {
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
#define GIVES(result, name, parameters, arguments) DOES(name, parameters, arguments)
#define DOES(name, parameters, arguments) \
  loaded.name = (__typeof__(loaded.name))dlsym(library, #name); \
  if (loaded.name == NULL) return dlerror();
  FUNCTIONS
#undef GIVES
#undef DOES
  return NULL;
}
