// SPDX-License-Identifier: Apache-2.0
#include <list>

#include "net/tls_keys.h"
#include "net/tls_stream.h"
#include "sys/disk_file.h"

namespace weft::net {
namespace {

using Kind = ConnectionName::Kind;

/// The same place for the transport below.
ConnectionName as_tcp(ConnectionName name) {
    name.kind = Kind::tcp;
    return name;
}

/// "ssl:10.0.0.1:4711" of "tcp:10.0.0.1:4711"
std::string as_ssl(const std::string& name) {
    return name.starts_with("tcp:") ? "ssl:" + name.substr(4) : name;
}

/// Hands over those who have shaken hands. Who has not is no connection yet, to whatever listens.
class TlsListener : public Listener {
  public:
    TlsListener(loop::Loop& loop, std::shared_ptr<TlsKeys> keys, Transport::Accept accept)
        : loop_(loop), keys_(std::move(keys)), accept_(std::move(accept)) {}

    Result<> listen(Transport& below, const ConnectionName& at) {
        below_ =
            TRY(below.listen(as_tcp(at), [this](std::unique_ptr<Stream> peer) { greet(std::move(peer)); }));
        return {};
    }
    uint16_t port() const override { return below_->port(); }

  private:
    static constexpr size_t greeted_max = 512;  // the oldest makes room: it may be one that stalls

    void greet(std::unique_ptr<Stream> peer) {
        const std::string name = as_ssl(peer->name());
        auto context = keys_->current();
        if (!context) {  // taken away since: whoever comes is sent off
            LOG(keys_->log_limit(), err, "{}: {}", name, context.error().message);
            return;
        }
        if (greeted_.size() == greeted_max) greeted_.pop_front();
        const auto it = greeted_.emplace(
            greeted_.end(), make_tls_stream(loop_, std::move(peer), keys_, std::move(*context),
                                            {.name = name, .role = TlsRole::server, .host = {}}));
        (*it)->start({.connected =
                          [this, it] {
                              auto stream = std::move(*it);
                              greeted_.erase(it);
                              accept_(std::move(stream));  // may destroy this
                          },
                      .closed = [this, it](const Error&) { greeted_.erase(it); }});
    }

    loop::Loop& loop_;
    std::shared_ptr<TlsKeys> keys_;
    Transport::Accept accept_;
    std::list<std::unique_ptr<Stream>> greeted_;
    std::unique_ptr<Listener> below_;
};

}  // namespace

TlsTransport::Files TlsTransport::Files::of_system() {
    return {.read = [](const std::string& path) { return sys::read_file(path); },
            .create = [](const std::string& path, const std::string& text) -> Result<> {
                auto file = TRY(sys::AppendFile::open(path, sys::AppendFile::Open::fresh));
                TRY(file.append(text));
                return file.sync();
            }};
}

TlsTransport::TlsTransport(loop::Loop& loop, Transport& below, Options options)
    : loop_(loop),
      below_(below),
      keys_(std::make_shared<TlsKeys>(std::move(options.files), options.log.sibling("stream_ssl"))) {}

TlsTransport::~TlsTransport() = default;

void TlsTransport::configure(TlsFiles files) { keys_->configure(std::move(files)); }

Result<std::unique_ptr<Stream>> TlsTransport::connect(const ConnectionName& to) {
    if (to.kind != Kind::ssl) return below_.connect(to);
    auto context = keys_->current();
    if (!context) {
        LOG(keys_->log_limit(), err, "{}: {}", to.text, context.error().message);
        return fail(to.text + ": " + context.error().message, context.error().code);
    }
    auto below = TRY(below_.connect(as_tcp(to)));
    return make_tls_stream(loop_, std::move(below), keys_, std::move(*context),
                           {.name = to.text, .role = TlsRole::client, .host = to.host});
}

Result<std::unique_ptr<Listener>> TlsTransport::listen(const ConnectionName& at, Accept accept) {
    if (at.kind != Kind::ssl) return below_.listen(at, std::move(accept));
    if (const auto ready = keys_->current(); !ready) {
        LOG(keys_->log_limit(), err, "{}: {}", at.text, ready.error().message);
        return fail(at.text + ": " + ready.error().message, ready.error().code);
    }
    auto listener = std::make_unique<TlsListener>(loop_, keys_, std::move(accept));
    TRY(listener->listen(below_, at));
    return listener;
}

}  // namespace weft::net
