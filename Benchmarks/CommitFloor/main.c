// What SQLite alone takes to store reservations durably: the rows of a Reserve or of a Consume, and nothing else. Nothing is decided,
// encoded, looked up or answered: about what a service comes to that stores these rows through SQLite, a statement for each.
//
//   commit-floor FOLDER BATCH SECONDS ROW-BYTES EVENT-BYTES [again]
//
// It makes a file of its own in FOLDER, with Cupo's settings, commits BATCH reservations at a time for SECONDS (1 s more before it counts),
// and prints one JSON object. `again` writes to reservations that are there, as a Consume does. Moving pages from the log into the
// database is left out of the time.
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { LOG_PAGES_MAX = 4096, COMMITS_MAX = 1 << 20, BODY_MAX = 1 << 16, KNOWN = 200000 };

static sqlite3 *database;

static void check(int code, const char *what) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  fprintf(stderr, "commit-floor: %s: %s\n", what, sqlite3_errmsg(database));
  exit(1);
}

static void run(const char *sql) { check(sqlite3_exec(database, sql, 0, 0, 0), sql); }

static sqlite3_stmt *prepared(const char *sql) {
  sqlite3_stmt *statement;
  check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, 0), sql);
  return statement;
}

static void step(sqlite3_stmt *statement) {
  check(sqlite3_step(statement), sqlite3_sql(statement));
  sqlite3_reset(statement);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static double processor(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static int log_pages;

static int note_log(void *context, sqlite3 *db, const char *name, int pages) {
  (void)context, (void)db, (void)name;
  log_pages = pages;
  return SQLITE_OK;
}

static long number_in(const char *text, const char *name, long least, long most) {
  char *end;
  long number = strtol(text, &end, 10);
  if (*end || end == text || number < least || number > most) {
    fprintf(stderr, "commit-floor: %s is a number from %ld to %ld, not %s\n", name, least, most, text);
    exit(64);
  }
  return number;
}

int main(int count, char **words) {
  if (count < 6 || count > 7 || (count == 7 && strcmp(words[6], "again"))) {
    fputs("usage: commit-floor FOLDER BATCH SECONDS ROW-BYTES EVENT-BYTES [again]\n", stderr);
    return 64;
  }
  long batch = number_in(words[2], "BATCH", 1, 100000), seconds = number_in(words[3], "SECONDS", 1, 600);
  int row_bytes = number_in(words[4], "ROW-BYTES", 1, BODY_MAX), event_bytes = number_in(words[5], "EVENT-BYTES", 1, BODY_MAX);
  int again = count == 7;
  char path[4096];
  if (snprintf(path, sizeof path, "%s/floor.db", words[1]) >= (int)sizeof path) {
    fputs("commit-floor: the name of the folder is too long\n", stderr);
    return 64;
  }
  check(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, 0), path);
  run("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
      "PRAGMA wal_autocheckpoint = 0;"
      "CREATE TABLE lane (id INTEGER PRIMARY KEY, next INTEGER NOT NULL); INSERT INTO lane VALUES (0, 0);"
      "CREATE TABLE reservation (number INTEGER PRIMARY KEY, holding INTEGER NOT NULL, expires_at INTEGER NOT NULL, body BLOB NOT NULL);"
      "CREATE TABLE event (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL, body BLOB NOT NULL);");
  sqlite3_wal_hook(database, note_log, 0);
  sqlite3_stmt *begin = prepared("BEGIN IMMEDIATE"), *end = prepared("COMMIT");
  sqlite3_stmt *lane = prepared("UPDATE lane SET next = ? WHERE id = 0");
  sqlite3_stmt *reservation = prepared(
      "INSERT INTO reservation VALUES (?, 1, ?, ?) ON CONFLICT DO UPDATE SET "
      "holding = excluded.holding, expires_at = excluded.expires_at, body = excluded.body");
  sqlite3_stmt *event = prepared("INSERT INTO event VALUES (?, ?, 1, ?)");
  static char body[BODY_MAX];
  static double latencies[COMMITS_MAX];
  memset(body, 'x', sizeof body);
  sqlite3_bind_blob(reservation, 3, body, row_bytes, SQLITE_STATIC);
  sqlite3_bind_blob(event, 3, body, event_bytes, SQLITE_STATIC);

  long next = 0, commits = 0, sequence = 0;
  if (again) {
    step(begin);
    for (long number = 0; number < KNOWN; number++) {
      sqlite3_bind_int64(reservation, 1, number);
      sqlite3_bind_int64(reservation, 2, number);
      step(reservation);
    }
    step(end);
  }
  double took = 0, used = 0, warm_until = now() + 1;
  while (took < seconds && commits < COMMITS_MAX) {
    if (log_pages > LOG_PAGES_MAX) {
      check(sqlite3_wal_checkpoint_v2(database, 0, SQLITE_CHECKPOINT_PASSIVE, 0, 0), "checkpoint");
      log_pages = 0;
    }
    int counts = now() >= warm_until;
    double began = now(), before = processor();
    step(begin);
    for (long index = 0; index < batch; index++, next++) {
      sqlite3_bind_int64(reservation, 1, again ? next % KNOWN : next);
      sqlite3_bind_int64(reservation, 2, next);
      step(reservation);
      sqlite3_bind_int64(event, 1, ++sequence);
      sqlite3_bind_int64(event, 2, next);
      step(event);
    }
    sqlite3_bind_int64(lane, 1, next);
    step(lane);
    step(end);
    if (!counts) continue;
    latencies[commits] = now() - began;
    took += latencies[commits++];
    used += processor() - before;
  }
  qsort(latencies, commits, sizeof *latencies, ascending);
  printf("{\"batch\": %ld, \"rows_again\": %s, \"reservations_per_second\": %.1f, \"commit_p50_ms\": %.3f, \"commit_p99_ms\": %.3f, "
         "\"processor_us_per_reservation\": %.3f}\n",
         batch, again ? "true" : "false", commits * batch / took, latencies[commits / 2] * 1e3, latencies[commits * 99 / 100] * 1e3,
         used * 1e6 / (commits * batch));
  return sqlite3_close_v2(database) == SQLITE_OK ? 0 : 1;
}
