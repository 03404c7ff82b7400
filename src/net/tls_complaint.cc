// SPDX-License-Identifier: Apache-2.0
#include "net/tls_complaint.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace weft::net {
namespace {

/// What OpenSSL thinks of the peer's certificate.
std::string refused(long verdict, const TlsFiles& files) {
    const std::string why = X509_verify_cert_error_string(verdict);
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "the peer's certificate is refused: " + why +
                   "; the peer needs a new one, or a clock is wrong";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return "the peer's certificate is refused: it was not signed by the CA of " + files.ca_cert +
                   " (" + why + ")";
        default:
            return "the peer's certificate is refused: " + why;
    }
}

}  // namespace

std::string tls_complaint(SSL* ssl, const TlsFiles& files) {
    const unsigned long error = ERR_peek_last_error();
    const int reason = ERR_GET_REASON(error);
    std::string said = openssl_complaint();
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return said;
    switch (reason) {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            return refused(SSL_get_verify_result(ssl), files);
        case SSL_R_HTTP_REQUEST:
        case SSL_R_WRONG_VERSION_NUMBER:
        case SSL_R_PACKET_LENGTH_TOO_LONG:
        case SSL_R_BAD_PACKET_LENGTH:
            return "the peer does not speak TLS: use tcp: or ptcp:, or ssl: or pssl: at both ends (" + said +
                   ")";
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_VERSION_TOO_LOW:
            return "the peer speaks no version of TLS that --ssl-protocols allows (" + said + ")";
        case SSL_R_NO_SHARED_CIPHER:
            return "the peer has no cipher in common with --ssl-ciphers (" + said + ")";
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            return "the peer shows no certificate: give it a private key and a certificate";
        default:
            break;
    }
    if (reason > SSL_AD_REASON_OFFSET) return "the peer refuses the connection or our certificate: " + said;
    return said;
}

}  // namespace weft::net
