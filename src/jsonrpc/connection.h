// SPDX-License-Identifier: Apache-2.0
// One end of an established JSON-RPC connection: bytes and time in, messages and bytes out.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "codec/json_text.h"
#include "jsonrpc/message.h"

namespace weft::jsonrpc {

/// Pure: no I/O, no clock. Resource type. Answers echo requests itself, and finds out by echo requests of its
/// own whether a silent peer still lives. After failure() is set the owner closes the stream; nothing else
/// happens.
class Connection {
  public:
    struct Options {
        Duration probe_interval{};  ///< zero: a silent peer is left alone
        codec::JsonLimits limits{};
    };
    Connection(Options options, Time now) : Connection(options, now, codec::JsonStream(options.limits)) {}

    /// Bytes from the peer. They are parsed as next() asks for them, so an owner that does not ask holds
    /// back.
    void receive(std::string_view bytes, Time now);
    /// The next message that is not part of an echo exchange. `left` counts all messages down; none is taken
    /// at zero.
    std::optional<Message> next(int& left);
    std::optional<Message> next() {
        int left = std::numeric_limits<int>::max();
        return next(left);
    }
    /// Received bytes that are not parsed yet.
    size_t unparsed() const { return input_.size() - parsed_; }

    /// Adds to output().
    void send(const Message& message);
    /// What is to be written to the peer; the owner takes it.
    std::string& output() { return output_; }

    /// Probes and detects death by silence; to be called at deadline().
    void tick(Time now);
    Time deadline() const;
    void set_probe_interval(Duration interval) { options_.probe_interval = interval; }

    /// Why the connection must be closed.
    const std::optional<std::string>& failure() const { return failure_; }

  private:
    Connection(Options options, Time now, codec::JsonStream stream)
        : options_(options), stream_(std::move(stream)), heard_(now) {}
    bool is_echo(const Message& message);
    void compact();

    Options options_;
    codec::JsonStream stream_;
    std::string input_, output_;
    size_t parsed_ = 0;
    Time heard_;           ///< when the peer last sent something, or was probed
    bool probed_ = false;  ///< and has not sent anything since
    std::optional<std::string> failure_;
};

}  // namespace weft::jsonrpc
