// SPDX-License-Identifier: Apache-2.0
#include "net/frame_stream.h"

#include <algorithm>

namespace weft::net {
namespace {

constexpr size_t length_size = 2, frame_max = 0xffff;

std::string option(const FrameStream::Options& options, const std::string& name) {
    const auto it = options.find(name);
    return it == options.end() ? "" : it->second;
}

}  // namespace

FrameStream::FrameStream(loop::Loop& loop, Transport& transport, Received received)
    : transport_(transport), received_(std::move(received)), retry_(loop, [this] { connect(); }) {}

FrameStream::~FrameStream() = default;

Result<> FrameStream::configure(const Options& options) {
    const std::string stream = option(options, "stream"), pstream = option(options, "pstream");
    if (stream == stream_ && pstream == pstream_) return {};
    listener_.reset();
    peers_.clear();
    retry_.cancel();
    target_.reset();
    connected_ = false;
    stream_ = stream;
    pstream_ = pstream;
    if (!stream.empty() && !pstream.empty())
        return fail("a dummy port takes the option stream or pstream, not both: remove one");
    if (!stream.empty()) {
        target_ = TRY(ConnectionName::parse(stream, 0));
        connect();
    } else if (!pstream.empty()) {
        const auto at = TRY(ConnectionName::parse(pstream, 0));
        listener_ = TRY(transport_.listen(at, [this](std::unique_ptr<Stream> s) { adopt(std::move(s)); }));
    }
    return {};
}

void FrameStream::connect() {
    auto stream = transport_.connect(*target_);
    if (!stream) return retry_.after(retry_after);
    adopt(std::move(*stream));
}

void FrameStream::adopt(std::unique_ptr<Stream> stream) {
    Peer& peer = peers_.emplace_back(std::move(stream), "");
    peer.stream->start({.connected = [this] { connected_ = true; },
                        .received = [this, &peer](std::string_view bytes) { take_frames(peer, bytes); },
                        .closed =
                            [this, &peer](const Error&) {
                                connected_ = false;
                                if (target_) retry_.after(retry_after);
                                remove(peer);
                            }});
}

void FrameStream::remove(Peer& peer) {
    peers_.remove_if([&](const Peer& p) { return &p == &peer; });
}

void FrameStream::take_frames(Peer& peer, std::string_view bytes) {
    peer.partial += bytes;
    // A receiver may reconfigure us, and the peer be gone: the frames are taken out first.
    std::string whole;
    size_t end = 0;
    const auto length_at = [](std::string_view s, size_t at) {
        return static_cast<size_t>(static_cast<uint8_t>(s[at]) << 8 | static_cast<uint8_t>(s[at + 1]));
    };
    while (end + length_size <= peer.partial.size()) {
        const size_t next = end + length_size + length_at(peer.partial, end);
        if (next > peer.partial.size()) break;
        end = next;
    }
    whole = peer.partial.substr(0, end);
    peer.partial.erase(0, end);
    for (size_t at = 0; at < whole.size();) {
        const size_t length = length_at(whole, at);
        received_(as_bytes(std::string_view(whole).substr(at + length_size, length)));
        at += length_size + length;
    }
}

void FrameStream::send(ByteSpan frame) {
    if (frame.size() > frame_max) return;
    std::string bytes{static_cast<char>(frame.size() >> 8), static_cast<char>(frame.size())};
    bytes += as_chars(frame);
    for (Peer& peer : peers_)
        if (peer.stream->backlog() + bytes.size() <= backlog_max) peer.stream->send(bytes);
}

std::string_view FrameStream::state() const {
    if (!target_) return "unknown";
    return connected_ ? "connected" : "disconnected";
}

}  // namespace weft::net
