// SPDX-License-Identifier: Apache-2.0
#include "jsonrpc/connection.h"

namespace weft::jsonrpc {
namespace {

constexpr std::string_view probe_id = "echo";

}  // namespace

void Connection::receive(std::string_view bytes, Time now) {
    heard_ = now;
    probed_ = false;
    if (!failure_) input_ += bytes;
}

std::optional<Message> Connection::next(int& left) {
    while (!failure_ && left > 0) {
        std::string_view rest = std::string_view(input_).substr(parsed_);
        auto value = stream_.next(rest);
        parsed_ = input_.size() - rest.size();
        if (!value) {
            failure_ = "error parsing stream: " + value.error().message;
            break;
        }
        if (!*value) break;
        --left;
        auto message = Message::from_json(std::move(**value));
        if (!message) {
            failure_ = "received bad JSON-RPC message: " + message.error().message;
            break;
        }
        if (is_echo(*message)) continue;
        compact();
        return std::move(*message);
    }
    compact();
    return std::nullopt;
}

/// Drops the parsed front once it is most of the buffer, so the cost per byte stays constant.
void Connection::compact() {
    if (parsed_ * 2 < input_.size()) return;
    input_.erase(0, parsed_);
    parsed_ = 0;
}

bool Connection::is_echo(const Message& message) {
    if (message.kind == Message::Kind::request && message.method == "echo") {
        send(Message::reply(message.params, message.id));
        return true;
    }
    const auto* id = message.id.string();
    return (message.kind == Message::Kind::reply || message.kind == Message::Kind::error) && id &&
           *id == probe_id;
}

void Connection::send(const Message& message) {
    if (!failure_) codec::append_json(output_, message.to_json());
}

Time Connection::deadline() const {
    if (failure_ || options_.probe_interval <= Duration::zero()) return never;
    return heard_ + options_.probe_interval;
}

void Connection::tick(Time now) {
    if (now < deadline()) return;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.probe_interval).count();
    if (probed_) {
        failure_ =
            "no response to inactivity probe after " + std::to_string(seconds) + " seconds, disconnecting";
        return;
    }
    send(Message::request("echo", {}, probe_id));
    probed_ = true;
    heard_ = now;
}

}  // namespace weft::jsonrpc
