// SPDX-License-Identifier: Apache-2.0
#include "net/tls_stream.h"

#include <openssl/err.h>

#include <array>
#include <cerrno>
#include <optional>

#include "net/tls_complaint.h"
#include "sys/stream_socket.h"

namespace weft::net {
namespace {

/// The first of the subject; in UTF-8. One that holds a NUL is none: it could pass for another.
std::optional<std::string> common_name(const X509* certificate) {
    X509_NAME* subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return {};
    unsigned char* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) return {};
    std::string out(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
    OPENSSL_free(text);
    if (out.contains('\0')) return {};
    return out;
}

/// OpenSSL works on two memory buffers; what it writes goes to the stream below, what comes from there it
/// reads.
class TlsStream : public Stream {
  public:
    TlsStream(loop::Loop& loop, std::unique_ptr<Stream> below, std::shared_ptr<TlsKeys> keys,
              std::shared_ptr<const TlsContext> context, const TlsStreamOptions& options)
        : Stream(options.name),
          loop_(loop),
          below_(std::move(below)),
          keys_(std::move(keys)),
          context_(std::move(context)),
          role_(options.role),
          reads_(options.role == TlsRole::client),
          timer_(loop, [this] { timed_out(); }),
          ssl_(SSL_new(context_->ssl.get())),
          in_(BIO_new(BIO_s_mem())),
          out_(BIO_new(BIO_s_mem())) {
        CHECK(ssl_ && in_ && out_);
        SSL_set_bio(ssl_.get(), in_, out_);  // which it owns from now on
        if (role_ == TlsRole::server) {
            SSL_set_accept_state(ssl_.get());
        } else {
            SSL_set_connect_state(ssl_.get());
            if (!options.host.empty() && !sys::is_numeric_address(options.host))
                SSL_set_tlsext_host_name(ssl_.get(), options.host.c_str());
        }
    }
    ~TlsStream() override {
        *alive_ = false;
        if (!open_ || closed_ || failed_) return;
        SSL_shutdown(ssl_.get());
        flush();
    }

    void start(Events events) override {
        events_ = std::move(events);
        if (open_) {  // after the handshake of a server, by whom it was handed to
            reads_ = true;
            return hold(held_);
        }
        if (role_ == TlsRole::server) timer_.after(TlsTransport::handshake_limit);
        below_->start({.connected =
                           [this] {
                               timer_.after(TlsTransport::handshake_limit);
                               advance();
                           },
                       .received =
                           [this](std::string_view bytes) {
                               BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
                               advance();
                           },
                       .drained =
                           [this] {
                               if (open_ && events_.drained) events_.drained();
                           },
                       .closed = [this](const Error& error) { below_closed(error); }});
    }
    void send(std::string_view bytes) override {
        if (closed_ || failed_) return;
        if (open_)
            write(bytes);
        else
            waiting_ += bytes;
    }
    size_t backlog() const override { return waiting_.size() + (open_ ? below_->backlog() : 0); }
    void hold(bool held) override {
        held_ = held;
        if (!open_) return;  // the handshake needs to read
        below_->hold(held || !reads_);
        if (!held && reads_)
            loop_.post([this, alive = alive_] {
                if (*alive) advance();
            });
    }

    std::optional<std::string> peer_id() const override {
        if (!open_ || !(SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER)) return {};
        const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
        return certificate ? common_name(certificate) : std::nullopt;
    }

  private:
    static constexpr size_t piece = 1 << 16;

    void advance() {
        if (closed_ || failed_) return;
        const auto alive = alive_;
        if (!open_) shake_hands();
        if (*alive && open_ && !closed_) read_some();
    }

    /// May destroy this.
    void shake_hands() {
        ERR_clear_error();
        const int done = SSL_do_handshake(ssl_.get());
        const int why = SSL_get_error(ssl_.get(), done);
        flush();
        if (done != 1 && why == SSL_ERROR_WANT_READ) return;
        if (done != 1) return give_up(tls_complaint(ssl_.get(), context_->files));
        if (context_->learns)
            if (const auto learnt = keys_->learn(ssl_.get()); !learnt) return give_up(learnt.error().message);
        timer_.cancel();
        open_ = true;
        below_->hold(held_ || !reads_);
        const bool had_backlog = !waiting_.empty();
        write(std::exchange(waiting_, {}));
        const auto alive = alive_;
        if (auto connected = std::exchange(events_.connected, nullptr)) connected();
        if (*alive && had_backlog && backlog() == 0 && events_.drained) events_.drained();
    }

    /// May destroy this.
    void read_some() {
        const auto alive = alive_;
        std::array<char, 1 << 14> buffer;  // a record of TLS
        while (*alive && !closed_ && !held_ && reads_) {
            size_t n = 0;
            ERR_clear_error();
            const int done = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &n);
            if (done == 1) {
                if (events_.received) events_.received({buffer.data(), n});
                continue;
            }
            const int why = SSL_get_error(ssl_.get(), done);
            flush();
            if (why == SSL_ERROR_ZERO_RETURN) return close(Error{"connection closed by peer", 0});
            if (why != SSL_ERROR_WANT_READ) give_up(tls_complaint(ssl_.get(), context_->files));
            return;
        }
    }

    /// A failure is told in the next turn: callbacks do not come from within calls.
    void write(std::string_view bytes) {
        while (!bytes.empty() && !failed_) {
            size_t n = 0;
            ERR_clear_error();
            if (SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), piece), &n) != 1) {
                failed_ = tls_complaint(ssl_.get(), context_->files);
                loop_.post([this, alive = alive_] {
                    if (*alive) give_up(*failed_);
                });
            }
            bytes.remove_prefix(n);
            flush();
        }
    }

    void flush() {
        char* data = nullptr;
        const long size = BIO_get_mem_data(out_, &data);
        if (size <= 0) return;
        below_->send({data, static_cast<size_t>(size)});
        BIO_reset(out_);
    }

    void below_closed(const Error& error) {
        if (closed_) return;
        const auto alive = alive_;
        if (open_ && !held_ && !failed_) read_some();  // what came before the end
        if (!*alive || closed_) return;
        if (open_ || error.code) return close(error);
        give_up(
            "the peer ended the connection during the TLS handshake: it may not speak TLS, or not trust our "
            "certificate");
    }

    void timed_out() {
        LOG(keys_->log_limit(), warn, "{}: no TLS handshake within {} seconds: the peer may not speak TLS",
            name(), to_ms(TlsTransport::handshake_limit) / 1000);
        close(Error{"the TLS handshake timed out", ETIMEDOUT});
    }

    void give_up(const std::string& reason) {
        if (closed_) return;
        LOG(keys_->log_limit(), warn, "{}: {}", name(), reason);
        failed_ = reason;
        close(Error{reason, EPROTO});
    }

    void close(const Error& error) {
        closed_ = true;
        timer_.cancel();
        if (events_.closed) std::exchange(events_.closed, nullptr)(error);  // may destroy this
    }

    loop::Loop& loop_;
    std::unique_ptr<Stream> below_;
    std::shared_ptr<TlsKeys> keys_;
    std::shared_ptr<const TlsContext> context_;
    const TlsRole role_;
    bool reads_;  ///< started by whoever wants to know what comes
    Events events_;
    loop::Timer timer_;
    Openssl<SSL> ssl_;
    BIO *in_, *out_;       ///< what has come, what is to go: ciphertext
    std::string waiting_;  ///< plain text, for the end of the handshake
    bool open_ = false, held_ = false, closed_ = false;
    std::optional<std::string> failed_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(loop::Loop& loop, std::unique_ptr<Stream> below,
                                        std::shared_ptr<TlsKeys> keys,
                                        std::shared_ptr<const TlsContext> context,
                                        const TlsStreamOptions& options) {
    return std::make_unique<TlsStream>(loop, std::move(below), std::move(keys), std::move(context), options);
}

}  // namespace weft::net
