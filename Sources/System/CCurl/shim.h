// libcurl without variadics and macros, which Swift cannot call.
#ifndef VEND_CCURL_H
#define VEND_CCURL_H
#include <curl/curl.h>

static inline CURLcode vend_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
static inline CURLcode vend_curl_set_number(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}
// libcurl copies the text. NULL takes the option back.
static inline CURLcode vend_curl_set_text(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}
// libcurl keeps the pointer: the body and the headers must live until the transfer has ended.
static inline CURLcode vend_curl_set_pointer(CURL *curl, CURLoption option, void *value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLMcode vend_curl_keep_connections(CURLM *multi, long most) {
  return curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, most);
}
// The TLS sessions of one handle serve the next. Without locks: one thread at a time.
static inline CURLSHcode vend_curl_share_sessions(CURLSH *share) {
  return curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}
typedef size_t (*vend_curl_sink)(char *bytes, size_t size, size_t count, void *user);
static inline CURLcode vend_curl_set_sink(CURL *curl, CURLoption option, vend_curl_sink sink) {
  return curl_easy_setopt(curl, option, sink);
}
static inline long vend_curl_number(CURL *curl, CURLINFO info) {
  long value = 0;
  return curl_easy_getinfo(curl, info, &value) == CURLE_OK ? value : 0;
}
#endif
