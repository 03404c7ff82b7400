// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/client.h"

#include <cerrno>
#include <filesystem>
#include <utility>

#include "openflow/print/print.h"

namespace weft::cli::ofctl {
namespace {

namespace fs = std::filesystem;

constexpr uint8_t error_type = 1;

bool is_socket(const std::string& path) {
    std::error_code ignored;
    return fs::is_socket(path, ignored);
}

/// The connection that a target stands for, and whether it is a socket named by its file.
struct Place {
    std::string connection, path;
};
Result<Place> find(const Paths& paths, const std::string& target, const std::string& socket) {
    if (target.find(':') != target.npos) return Place{target, {}};
    const std::string bridge = paths.rundir + "/" + target + "." + socket;
    if (is_socket(bridge)) return Place{"unix:" + bridge, bridge};
    const std::string absolute = within(paths.rundir, target);
    if (is_socket(absolute) || fs::exists(target))
        return Place{"unix:" + fs::absolute(target).string(), target};
    return fail(target + " is not a bridge or a socket");
}

Error told(const Error& error, const Place& place, const std::string& target) {
    const std::string reason = net::reason_of(error);
    if (error.code == EPIPE) return {target + ": failed to connect to socket (" + reason + ")", error.code};
    if (!place.path.empty()) return {place.path + ": failed to open socket (" + reason + ")", error.code};
    return {"connecting to " + target + " (" + reason + ")", error.code};
}

}  // namespace

std::string version_hint(openflow::VersionSet versions) {
    const auto newest = versions.highest();
    if (!newest) return {};
    const bool has_13 = versions.contains(openflow::Version::v13);  // what most controllers speak
    return "\nTry -O " + std::string(openflow::version_name(has_13 ? openflow::Version::v13 : *newest));
}

bool is_error(ByteSpan message) { return openflow::read_header(message).type == error_type; }

Result<std::unique_ptr<Client>> Client::open(Daemon& daemon, const std::string& target,
                                             const Options& options) {
    const Place place = TRY(find(daemon.paths(), target, options.socket));
    std::unique_ptr<Client> client(new Client(daemon, target));
    if (auto done = client->connect(place.connection, options); !done) {
        Error error = told(done.error(), place, target);
        if (client->peer_ && done.error().code == EPIPE)
            error.message += version_hint(client->peer_->offered());
        return std::unexpected(std::move(error));
    }
    return client;
}

Result<> Client::connect(const std::string& connection, const Options& options) {
    const auto name = TRY(net::ConnectionName::parse(connection, net::openflow_port));
    if (name.passive) return fail("a passive connection cannot be opened", EAFNOSUPPORT);
    auto stream = TRY(daemon_.transport().connect(name));
    peer_ = std::make_unique<net::OpenflowPeer>(
        std::move(stream),
        net::OpenflowPeer::Options{.versions = options.versions, .only_listen = options.only_listen},
        net::OpenflowPeer::Events{.connected =
                                      [this](openflow::Version) {
                                          connected_ = true;
                                          daemon_.loop().stop();
                                      },
                                  .received = [this](ByteSpan message) { received(message); },
                                  .drained = [this] { daemon_.loop().stop(); },
                                  .closed =
                                      [this](const Error& error) {
                                          closed_ = error;
                                          if (on_close_) on_close_(error);
                                          daemon_.loop().stop();
                                      }});
    while (!connected_ && !closed_) daemon_.loop().run();
    if (!connected_) {
        if (closed_->code == EPIPE) LOG(daemon_.log("vconn"), warn, "{}: {}", connection, closed_->message);
        return std::unexpected(*closed_);
    }
    dialect_.version = version();
    return {};
}

void Client::received(ByteSpan message) {
    if (on_message_) return on_message_(message);
    received_.emplace_back(message.begin(), message.end());
    daemon_.loop().stop();
}

void Client::listen(std::function<void(ByteSpan)> message, std::function<void(const Error&)> closed) {
    on_message_ = std::move(message);
    on_close_ = std::move(closed);
    for (const Bytes& one : std::exchange(received_, {})) on_message_(one);
    if (closed_) on_close_(*closed_);
}

uint32_t Client::send(openflow::Body body) {
    const uint32_t xid = next_xid();
    peer_->send(openflow::encode({.xid = xid, .body = std::move(body)}, dialect_));
    return xid;
}

Result<> Client::flush() {
    constexpr size_t enough = 1 << 20;
    while (peer_->backlog() > enough && !closed_) daemon_.loop().run();
    if (closed_) return std::unexpected(unexpected_reply({}));
    return {};
}

Result<std::optional<Bytes>> Client::receive() {
    while (received_.empty() && !closed_) daemon_.loop().run();
    if (!received_.empty()) {
        Bytes out = std::move(received_.front());
        received_.pop_front();
        return out;
    }
    return std::unexpected(unexpected_reply({}));
}

Result<Bytes> Client::receive_answer(uint32_t xid) {
    for (;;) {
        auto message = TRY(receive());
        if (message && openflow::read_header(*message).xid == xid) return std::move(*message);
    }
}

Result<Bytes> Client::ask(openflow::Body body) { return receive_answer(send(std::move(body))); }

Error Client::unexpected_reply(ByteSpan reply) const {
    if (!reply.empty())
        return {"talking to " + name() +
                    " (unexpected answer: " + format_hex(reply.first(openflow::header_size)) + ")",
                EPROTO};
    const std::string reason = closed_ && closed_->code ? net::reason_of(*closed_) : "End of file";
    return {"talking to " + name() + " (" + reason + ")", closed_ ? closed_->code : 0};
}

Result<> Client::collect(openflow::Body request, const std::function<void(ByteSpan)>& part) {
    const uint32_t xid = send(std::move(request));
    for (;;) {
        const Bytes message = TRY(receive_answer(xid));
        part(message);
        const std::string name = openflow::message_name(message);
        if (!name.ends_with(" reply")) return {};  // an error, or the one answer there is
        // The flags of a multipart message follow its type.
        constexpr size_t flags_at = openflow::header_size + 3;
        if (message.size() <= flags_at || !(message[flags_at] & 1)) return {};
    }
}

Result<std::optional<Refusal>> Client::barrier() {
    const uint32_t xid = send(openflow::BarrierRequest{});
    std::optional<Refusal> first;
    for (;;) {
        auto message = TRY(receive());
        if (!message) continue;
        if (openflow::read_header(*message).xid == xid) return first;
        if (is_error(*message) && !first) first = Refusal{std::move(*message)};
    }
}

}  // namespace weft::cli::ofctl
