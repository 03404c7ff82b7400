// SPDX-License-Identifier: Apache-2.0
// A connection to a switch for a tool that does one thing after another: each call runs the loop until it is
// done.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/daemon.h"
#include "net/openflow_peer.h"

namespace weft::cli::ofctl {

/// What the switch answered to a request it did not do: its error message, whole.
struct Refusal {
    Bytes message;
};

/// Resource type.
class Client {
  public:
    struct Options {
        openflow::VersionSet versions = {openflow::Version::v10};
        std::string socket = "mgmt";  ///< of a bridge that is named
        bool only_listen = false;
    };
    /// `target`: a bridge, a socket's file, or a connection. Errors say what ovs-ofctl would, and how to go
    /// on.
    static Result<std::unique_ptr<Client>> open(Daemon& daemon, const std::string& target,
                                                const Options& options);

    const std::string& target() const { return target_; }
    const std::string& name() const { return peer_->name(); }
    openflow::Version version() const { return *peer_->version(); }
    openflow::Dialect& dialect() { return dialect_; }
    Daemon& daemon() { return daemon_; }

    uint32_t next_xid() { return ++xid_; }
    /// The xid.
    uint32_t send(openflow::Body body);
    void send_bytes(ByteSpan message) { peer_->send(message); }
    /// Waits until not much is left to be sent.
    Result<> flush();
    /// The next message; none if something stopped the loop.
    Result<std::optional<Bytes>> receive();
    /// The answer to `xid`: others are passed over.
    Result<Bytes> receive_answer(uint32_t xid);

    /// Request and answer. An error message is an answer as well: see is_error().
    Result<Bytes> ask(openflow::Body body);
    /// As ask(), decoded; what the switch refuses ends in an error.
    template <class T>
    Result<T> get(openflow::Body body) {
        const Bytes reply = TRY(ask(std::move(body)));
        const auto message = openflow::decode(reply, dialect_);
        if (!message || !std::holds_alternative<T>(message->body))
            return std::unexpected(unexpected_reply(reply));
        return std::get<T>(message->body);
    }
    /// Calls `part` for each message of the answer to a multipart request.
    Result<> collect(openflow::Body request, const std::function<void(ByteSpan)>& part);
    /// Waits until all before is done. The first error that came for one of the requests, if any.
    Result<std::optional<Refusal>> barrier();
    Error unexpected_reply(ByteSpan reply) const;

    /// Instead of receive(), for tools that live on: messages and the end of the connection are told as they
    /// come.
    void listen(std::function<void(ByteSpan)> received, std::function<void(const Error&)> closed);

  private:
    Client(Daemon& daemon, std::string target) : daemon_(daemon), target_(std::move(target)) {}
    Result<> connect(const std::string& name, const Options& options);
    void received(ByteSpan message);

    Daemon& daemon_;
    const std::string target_;
    std::unique_ptr<net::OpenflowPeer> peer_;
    openflow::Dialect dialect_;
    uint32_t xid_ = 1;
    bool connected_ = false;
    std::deque<Bytes> received_;
    std::optional<Error> closed_;
    std::function<void(ByteSpan)> on_message_;
    std::function<void(const Error&)> on_close_;
};

bool is_error(ByteSpan message);

/// A line that says which of the versions to try; empty if there is none that we know.
std::string version_hint(openflow::VersionSet versions);

}  // namespace weft::cli::ofctl
