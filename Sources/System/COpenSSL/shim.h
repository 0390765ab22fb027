// OpenSSL 3, with its macros as functions.
#ifndef VEND_COPENSSL_H
#define VEND_COPENSSL_H
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static inline int vend_ssl_set_minimum_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}
static inline int vend_ssl_set_maximum_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_max_proto_version(context, version);
}
// The name that the client asks for, so that a server with several answers with the right one.
static inline int vend_ssl_set_server_name(SSL *ssl, const char *name) {
  return SSL_set_tlsext_host_name(ssl, name);
}
static inline int vend_x509_chain_length(const STACK_OF(X509) *chain) { return sk_X509_num(chain); }
static inline X509 *vend_x509_chain_element(const STACK_OF(X509) *chain, int index) {
  return sk_X509_value(chain, index);
}
// As RFC 2253 writes names, but Chinese stays readable instead of becoming \E5\8F\AF.
static inline int vend_x509_name_print(BIO *sink, const X509_NAME *name) {
  return X509_NAME_print_ex(sink, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}
#endif
