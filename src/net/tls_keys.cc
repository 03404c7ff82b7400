// SPDX-License-Identifier: Apache-2.0
#include "net/tls_keys.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>

#include "net/tls_protocols.h"

namespace weft::net {
namespace {

constexpr const char* usual_ciphers = "HIGH:!aNULL:!MD5";  // ovs-vswitchd(8) "--ssl-ciphers"

Openssl<BIO> bio_of(const std::string& text) {
    return Openssl<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// All certificates of a PEM text; none is an error.
Result<std::vector<Openssl<X509>>> certificates_of(const std::string& text, const std::string& file) {
    std::vector<Openssl<X509>> out;
    const auto bio = bio_of(text);
    while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) out.emplace_back(one);
    const std::string complaint = openssl_complaint();
    if (out.empty()) return fail(file + ": no certificate in PEM format (" + complaint + ")");
    return out;
}

/// Keys with a passphrase are refused rather than asked for on a terminal that a daemon does not have.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<> use_key(SSL_CTX* ssl, const std::string& text, const std::string& file) {
    const auto bio = bio_of(text);
    const Openssl<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
    if (!key)
        return fail(file + ": no private key in PEM format, or one with a passphrase (" +
                    openssl_complaint() + ")");
    if (SSL_CTX_use_PrivateKey(ssl, key.get()) != 1)
        return fail(file + ": the private key cannot be used: " + openssl_complaint());
    return {};
}

Result<> add_shown(SSL_CTX* ssl, const std::vector<Openssl<X509>>& certificates, size_t first) {
    for (size_t i = first; i < certificates.size(); ++i)
        if (SSL_CTX_add1_chain_cert(ssl, certificates[i].get()) != 1) return fail(openssl_complaint());
    return {};
}

Result<> trust(SSL_CTX* ssl, const std::string& text, const std::string& file) {
    for (const auto& one : TRY(certificates_of(text, file))) {
        if (X509_STORE_add_cert(SSL_CTX_get_cert_store(ssl), one.get()) != 1 ||
            SSL_CTX_add_client_CA(ssl, one.get()) != 1)
            return fail(file + ": the certificate cannot be used: " + openssl_complaint());
    }
    return {};
}

/// Until the peer's authority is learnt, its certificate is judged after the handshake (TlsKeys::learn).
int take_any(int, X509_STORE_CTX*) { return 1; }

/// The authority at the end of what the peer shows; null if it shows none.
X509* shown_authority(SSL* peer) {
    STACK_OF(X509)* chain = SSL_get_peer_cert_chain(peer);
    if (!chain || sk_X509_num(chain) == 0) return nullptr;
    X509* last = sk_X509_value(chain, sk_X509_num(chain) - 1);
    return X509_check_issued(last, last) == X509_V_OK && X509_check_ca(last) ? last : nullptr;
}

Result<> check_signed(SSL* peer, X509* authority) {
    const Openssl<X509_STORE> store(X509_STORE_new());
    const Openssl<X509_STORE_CTX> check(X509_STORE_CTX_new());
    X509_STORE_add_cert(store.get(), authority);
    X509_STORE_CTX_init(check.get(), store.get(), SSL_get0_peer_certificate(peer),
                        SSL_get_peer_cert_chain(peer));
    X509_STORE_CTX_set_default(check.get(), SSL_is_server(peer) ? "ssl_client" : "ssl_server");
    if (X509_verify_cert(check.get()) == 1) return {};
    return fail(std::string("the peer's certificate is not good: ") +
                X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get())));
}

std::string pem_of(X509* certificate) {
    const Openssl<BIO> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<size_t>(size));
}

std::string fingerprint(X509* certificate) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(certificate, EVP_sha1(), digest, &size);
    std::string out;
    constexpr char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < size; ++i) out += {digits[digest[i] >> 4], digits[digest[i] & 15]};
    return out;
}

}  // namespace

std::string openssl_complaint() {
    const unsigned long error = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(error);
    ERR_clear_error();
    return reason ? reason : "no reason given";
}

TlsKeys::TlsKeys(TlsTransport::Files access, obs::LogModule log)
    : access_(std::move(access)), log_(log), limit_(log) {}

void TlsKeys::configure(TlsFiles files) {
    if (files == files_) return;
    if (files.ca_cert == "none" && files_.ca_cert != "none")
        LOG(log_, warn, "Peer certificate validation disabled (this is a security risk)");
    files_ = std::move(files);
    seen_.reset();
    context_.reset();
}

Result<> TlsKeys::complete() const {
    const auto missing = [](const std::string& what, const std::string& option) {
        return fail(
            "no " + what + ": give --" + option + "=FILE, or for a switch's controllers ovs-vsctl set-ssl",
            ENOPROTOOPT);
    };
    if (files_.private_key.empty()) return missing("private key", "private-key");
    if (files_.certificate.empty()) return missing("certificate", "certificate");
    if (files_.ca_cert.empty()) return missing("CA certificate to check peers by", "ca-cert");
    return {};
}

Result<TlsKeys::Texts> TlsKeys::read() const {
    Texts out;
    out.private_key = TRY(access_.read(files_.private_key));
    out.certificate = TRY(access_.read(files_.certificate));
    if (!files_.peer_ca_cert.empty()) out.peer_ca_cert = TRY(access_.read(files_.peer_ca_cert));
    if (files_.ca_cert == "none") return out;
    auto ca = access_.read(files_.ca_cert);
    out.has_ca = ca.has_value();
    if (ca)
        out.ca_cert = std::move(*ca);
    else if (!files_.bootstrap || ca.error().code != ENOENT)
        return std::unexpected(ca.error());
    return out;
}

Result<> TlsKeys::load(SSL_CTX* ssl, const Texts& texts) const {
    TRY(use_key(ssl, texts.private_key, files_.private_key));
    const auto own = TRY(certificates_of(texts.certificate, files_.certificate));
    if (SSL_CTX_use_certificate(ssl, own.front().get()) != 1)
        return fail(files_.certificate + ": the certificate cannot be used: " + openssl_complaint());
    if (SSL_CTX_check_private_key(ssl) != 1)
        return fail(files_.certificate + ": not the certificate of the key in " + files_.private_key + ": " +
                    openssl_complaint());
    TRY(add_shown(ssl, own, 1));
    if (!files_.peer_ca_cert.empty()) {
        const auto shown = TRY(certificates_of(texts.peer_ca_cert, files_.peer_ca_cert));
        TRY(add_shown(ssl, shown, 0));
    }
    if (texts.has_ca) TRY(trust(ssl, texts.ca_cert, files_.ca_cert));
    return {};
}

Result<std::shared_ptr<const TlsContext>> TlsKeys::make(const Texts& texts) const {
    Openssl<SSL_CTX> ssl(SSL_CTX_new(TLS_method()));
    if (!ssl) return fail("OpenSSL does not start: " + openssl_complaint());
    const auto range = TRY(parse_tls_protocols(files_.protocols));
    SSL_CTX_set_min_proto_version(ssl.get(), range.has_12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(ssl.get(), range.has_13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    const char* ciphers = files_.ciphers.empty() ? usual_ciphers : files_.ciphers.c_str();
    if (SSL_CTX_set_cipher_list(ssl.get(), ciphers) != 1)
        return fail("--ssl-ciphers=" + files_.ciphers + ": " + openssl_complaint());
    if (!files_.ciphersuites.empty() && SSL_CTX_set_ciphersuites(ssl.get(), files_.ciphersuites.c_str()) != 1)
        return fail("--ssl-ciphersuites=" + files_.ciphersuites + ": " + openssl_complaint());
    SSL_CTX_set_options(ssl.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ssl.get(), 0);  // connections are few and last: none is resumed
    SSL_CTX_set_session_cache_mode(ssl.get(), SSL_SESS_CACHE_OFF);
    TRY(load(ssl.get(), texts));
    const bool learns = files_.ca_cert != "none" && !texts.has_ca;
    const int both_show = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(ssl.get(), files_.ca_cert == "none" ? SSL_VERIFY_NONE : both_show,
                       learns ? take_any : nullptr);
    return std::make_shared<TlsContext>(std::move(ssl), files_, learns);
}

Result<std::shared_ptr<const TlsContext>> TlsKeys::current() {
    TRY(complete());
    auto texts = read();
    if (texts && context_ && *texts == seen_) return context_;
    auto made = texts ? make(*texts) : std::unexpected(texts.error());
    if (made) {
        context_ = std::move(*made);
        seen_ = std::move(*texts);
    } else if (!context_) {
        return fail(made.error().message, ENOPROTOOPT);
    } else {
        LOG(limit_, warn, "{}; the keys and certificates that were read before stay in force",
            made.error().message);
    }
    return context_;
}

Result<> TlsKeys::learn(SSL* peer) {
    X509* authority = shown_authority(peer);
    if (!authority)
        return fail(
            "the peer does not show the CA certificate that signed its own, so it cannot be learnt: copy it "
            "to " +
                files_.ca_cert + ", or start the peer with --peer-ca-cert=FILE",
            EPROTO);
    if (auto good = check_signed(peer, authority); !good) return fail(good.error().message, EPROTO);
    const std::string pem = pem_of(authority);
    const auto created = access_.create(files_.ca_cert, pem);
    if (!created && created.error().code == EEXIST)
        return fail(files_.ca_cert + " has appeared meanwhile: the next connection is checked by it", EPROTO);
    if (!created) return fail("cannot keep the peer's CA certificate: " + created.error().message, EPROTO);
    LOG(log_, info, "successfully bootstrapped CA cert to {} (fingerprint {})", files_.ca_cert,
        fingerprint(authority));
    return {};
}

}  // namespace weft::net
