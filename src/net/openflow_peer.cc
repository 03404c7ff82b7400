// SPDX-License-Identifier: Apache-2.0
#include "net/openflow_peer.h"

#include <cerrno>
#include <utility>

namespace weft::net {
namespace {

using openflow::Version;
using openflow::VersionSet;

constexpr uint8_t hello_type = 0, echo_request_type = 2;

/// "version 0x06", "versions 0x01, 0x04"
std::string listed(VersionSet set) {
    std::string out;
    size_t n = 0;
    for (unsigned v = 0; v < 32; ++v) {
        if (!(set.bitmap() >> v & 1)) continue;
        constexpr std::string_view digits = "0123456789abcdef";
        out += std::string(n++ ? ", 0x" : "0x") + digits[v >> 4] + digits[v & 15];
    }
    return (n == 1 ? "version " : "versions ") + out;
}

}  // namespace

OpenflowPeer::OpenflowPeer(std::unique_ptr<Stream> stream, Options options, Events events)
    : stream_(std::move(stream)), options_(options), events_(std::move(events)) {
    stream_->start({.received = [this](std::string_view bytes) { take(bytes); },
                    .drained =
                        [this] {
                            if (events_.drained) events_.drained();
                        },
                    .closed = [this](const Error& error) { close(error); }});
    send(openflow::encode({.xid = 1, .body = openflow::Hello{options_.versions}},
                          {.version = options_.versions.highest().value_or(Version::v10)}));
}

void OpenflowPeer::take(std::string_view bytes) {
    const auto alive = alive_;
    in_.insert(in_.end(), bytes.begin(), bytes.end());
    size_t done = 0;
    while (in_.size() - done >= openflow::header_size) {
        const ByteSpan rest = ByteSpan(in_).subspan(done);
        const size_t length = openflow::read_header(rest).length;
        if (length < openflow::header_size)
            return close(Error{"received a message that is shorter than its header", EPROTO});
        if (rest.size() < length) break;
        if (!handle(rest.first(length)) || alive.use_count() == 1) return;
        done += length;
    }
    in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(done));
}

bool OpenflowPeer::handle(ByteSpan message) {
    const auto header = openflow::read_header(message);
    if (!version_) return negotiate(message);
    if (!options_.only_listen) {
        if (header.type == hello_type) return true;
        if (header.type == echo_request_type) {
            Bytes reply(message.begin(), message.end());
            ++reply[1];
            send(reply);
            return true;
        }
    }
    if (events_.received) events_.received(message);
    return true;
}

bool OpenflowPeer::negotiate(ByteSpan message) {
    const auto hello = openflow::decode(message, {});
    const auto* theirs = hello ? std::get_if<openflow::Hello>(&hello->body) : nullptr;
    if (!theirs) {
        close(Error{"received a message before the peer's hello", EPROTO});
        return false;
    }
    offered_ = theirs->versions;
    version_ = (offered_ & options_.versions).highest();
    if (!version_) {
        const std::string text =
            "we support " + listed(options_.versions) + ", peer supports " + listed(offered_);
        openflow::ErrorReport report{.error = openflow::OfError::hfc_incompatible, .data = {}};
        const ByteSpan words = as_bytes(text);
        report.data.assign(words.begin(), words.end());
        send(openflow::encode({.xid = hello->xid, .body = std::move(report)},
                              {.version = options_.versions.highest().value_or(Version::v10)}));
        close(Error{"version negotiation failed (" + text + ")", EPIPE});
        return false;
    }
    if (events_.connected) events_.connected(*version_);
    return true;
}

void OpenflowPeer::close(const Error& error) {
    if (events_.closed) std::exchange(events_.closed, nullptr)(error);
}

}  // namespace weft::net
