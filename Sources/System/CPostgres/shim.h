// PostgreSQL's client library.
#ifndef VEND_CPOSTGRES_H
#define VEND_CPOSTGRES_H
#include <libpq-fe.h>

static inline void vend_pq_ignore_notice(void *unused, const PGresult *result) {
  (void)unused;
  (void)result;
}
// The server's notices would go to the standard error.
static inline void vend_pq_be_quiet(PGconn *connection) {
  PQsetNoticeReceiver(connection, vend_pq_ignore_notice, (void *)0);
}

// The five letters of an error's kind (SQLSTATE); null where libpq made the error itself.
static inline const char *vend_pq_error_kind(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
// ERROR, FATAL or PANIC, in English whatever the server speaks; null as above.
static inline const char *vend_pq_severity(const PGresult *result) {
  return PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
}
#endif
