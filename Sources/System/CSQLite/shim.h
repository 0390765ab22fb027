// SQLite, with its macros and variadic calls as functions that Swift can call.
#ifndef VEND_CSQLITE_H
#define VEND_CSQLITE_H
#include <sqlite3.h>

// SQLite copies the text before this returns (SQLITE_TRANSIENT is a cast that Swift cannot import).
static inline int vend_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text,
                                        int count) {
  return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}

// After a failed write or sync nothing more is written, not even on close.
static inline int vend_sqlite_no_checkpoint_on_close(sqlite3 *database) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// The log's file stays when the last connection closes, so that its blocks need not be found again.
static inline int vend_sqlite_keep_log(sqlite3 *database) {
  int keep = 1;
  return sqlite3_file_control(database, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
}

// Syncs the log, as a commit with synchronous=FULL does.
static inline int vend_sqlite_sync_log(sqlite3 *database) {
  sqlite3_file *log = 0;
  int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (code != SQLITE_OK) return code;
  if (!log || !log->pMethods) return SQLITE_IOERR_FSYNC;
  return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

// SQL cannot damage the file's own structure (no writable_schema, no shadow tables).
static inline int vend_sqlite_defensive(sqlite3 *database) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}

static inline int vend_sqlite_note_pages(void *pages, sqlite3 *database, const char *name,
                                         int count) {
  (void)database;
  (void)name;
  *(int *)pages = count;
  return SQLITE_OK;
}
// Keeps the count of pages in the write-ahead log in `pages`. It replaces SQLite's own checkpoint
// after a commit, whose errors nobody would see.
static inline void vend_sqlite_count_pages(sqlite3 *database, int *pages) {
  sqlite3_wal_hook(database, vend_sqlite_note_pages, pages);
}
#endif
