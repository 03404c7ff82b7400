// SPDX-License-Identifier: Apache-2.0
#include "net/system_transport.h"

#include <cerrno>

#include "net/socket_stream.h"
#include "sys/stream_socket.h"

namespace weft::net {
namespace {

/// Accepts from a listening socket; removes the file of a Unix one in the end.
class SocketListener : public Listener {
  public:
    SocketListener(loop::Loop& loop, sys::Fd fd, std::string path, uint16_t port,
                   std::move_only_function<void(sys::Accepted)> accepted)
        : fd_(std::move(fd)),
          path_(std::move(path)),
          port_(port),
          accepted_(std::move(accepted)),
          watch_(loop, fd_.get(), {.readable = [this] { accept_some(); }}) {
        watch_.watch(true, false);
    }
    ~SocketListener() override {
        *alive_ = false;
        if (!path_.empty()) sys::remove_file(path_);
    }
    uint16_t port() const override { return port_; }

  private:
    void accept_some() {
        constexpr int per_turn = 16;
        const auto alive = alive_;
        for (int i = 0; i < per_turn && *alive; ++i) {
            auto next = sys::accept(fd_.get());
            if (!next) return;
            accepted_(std::move(*next));
        }
    }
    sys::Fd fd_;
    std::string path_;
    uint16_t port_;
    std::move_only_function<void(sys::Accepted)> accepted_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    loop::FdWatch watch_;
};

/// Numbers and dots that are no address ("10.0.1") are a mistake, not a name.
bool may_be_name(const std::string& host) {
    return !sys::is_numeric_address(host) && host.find_first_not_of("0123456789.:") != host.npos;
}

/// "1.2.3.4:6640" of "tcp:1.2.3.4:6640".
std::string_view after_method(const ConnectionName& name) {
    return std::string_view(name.text).substr(name.text.find(':') + 1);
}

}  // namespace

SystemTransport::SystemTransport(loop::Loop& loop, Options options)
    : loop_(loop), options_(std::move(options)) {}

std::string SystemTransport::absolute(const std::string& path) const {
    return path.starts_with('/') || options_.rundir.empty() ? path : options_.rundir + "/" + path;
}

Result<std::unique_ptr<Stream>> SystemTransport::connect(const ConnectionName& to) {
    CHECK(!to.passive);
    if (to.kind == ConnectionName::Kind::ssl) return fail(to.text + ": TLS is not available", ENOPROTOOPT);
    if (to.kind == ConnectionName::Kind::tcp && may_be_name(to.host)) return make_resolving_stream(loop_, to);
    auto fd = to.kind == ConnectionName::Kind::tcp ? sys::connect_tcp({to.host, to.port}, to.dscp)
                                                   : sys::connect_unix(absolute(to.path));
    if (!fd) return std::unexpected(fd.error());
    return make_socket_stream(loop_, std::move(*fd), to.text, SocketState::connecting);
}

Result<std::unique_ptr<Listener>> SystemTransport::listen(const ConnectionName& at, Accept accept) {
    CHECK(at.passive);
    switch (at.kind) {
        case ConnectionName::Kind::tcp:
            return listen_tcp(at, std::move(accept));
        case ConnectionName::Kind::unix_socket:
            return listen_unix(at, std::move(accept));
        case ConnectionName::Kind::ssl:
            break;
    }
    return fail(at.text + ": TLS is not available", ENOPROTOOPT);
}

Result<std::unique_ptr<Listener>> SystemTransport::listen_tcp(const ConnectionName& at, Accept accept) {
    const auto log = options_.log.sibling("socket_util");
    auto fd = sys::listen_tcp({at.host, at.port}, at.dscp);
    if (!fd) {
        LOG(log, err, "{}: {}", after_method(at), fd.error().message);
        return std::unexpected(fd.error());
    }
    const uint16_t port = TRY(sys::local_address(fd->get())).port;
    if (at.port == 0) LOG(log, info, "{}: listening on port {}", after_method(at), port);
    return std::make_unique<SocketListener>(
        loop_, std::move(*fd), "", port,
        [&loop = loop_, accept = std::move(accept)](sys::Accepted got) mutable {
            accept(make_socket_stream(loop, std::move(got.fd), "tcp:" + got.peer, SocketState::connected));
        });
}

Result<std::unique_ptr<Listener>> SystemTransport::listen_unix(const ConnectionName& at, Accept accept) {
    const std::string path = absolute(at.path);
    auto fd = sys::listen_unix(path);
    if (!fd) {
        LOG(options_.log.sibling("stream_unix"), err, "{}: {}", path, fd.error().message);
        return std::unexpected(fd.error());
    }
    return std::make_unique<SocketListener>(
        loop_, std::move(*fd), path, uint16_t{0},
        [&loop = loop_, peers = unix_peers_, accept = std::move(accept)](sys::Accepted got) mutable {
            accept(make_socket_stream(loop, std::move(got.fd), "unix#" + std::to_string((*peers)++),
                                      SocketState::connected));
        });
}

}  // namespace weft::net
