// SPDX-License-Identifier: Apache-2.0
#include "net/socket_stream.h"

#include <array>
#include <cerrno>
#include <optional>

#include "loop/resolver.h"
#include "sys/stream_socket.h"

namespace weft::net {
namespace {

class SocketStream : public Stream {
  public:
    SocketStream(loop::Loop& loop, sys::Fd fd, std::string name, SocketState state)
        : Stream(std::move(name)), loop_(loop), state_(state) {
        watch_descriptor(std::move(fd));
    }
    SocketStream(loop::Loop& loop, const ConnectionName& to)
        : Stream(to.text), loop_(loop), state_(SocketState::connecting) {
        resolver_.emplace(loop, to.host, [this, port = to.port, dscp = to.dscp](Result<std::string> address) {
            auto fd = address ? sys::connect_tcp({*address, port}, dscp) : std::unexpected(address.error());
            if (!fd) return close(fd.error());
            watch_descriptor(std::move(*fd));
            update_watch();
        });
    }
    ~SocketStream() override { *alive_ = false; }

    void start(Events events) override {
        events_ = std::move(events);
        started_ = true;
        update_watch();
    }

    void send(std::string_view bytes) override {
        if (closed_) return;
        output_ += bytes;
        // Most messages fit the socket's buffer: write at once, without a turn of the loop.
        if (state_ == SocketState::connected && output_.size() == bytes.size()) write_output();
        update_watch();
    }
    size_t backlog() const override { return output_.size() - written_; }
    void hold(bool held) override {
        held_ = held;
        update_watch();
    }

  private:
    static constexpr size_t read_size = 65536;

    void watch_descriptor(sys::Fd fd) {
        fd_ = std::move(fd);
        watch_.emplace(
            loop_, fd_.get(),
            loop::FdWatch::Calls{.readable = [this] { read_some(); }, .writable = [this] { write_some(); }});
    }

    void update_watch() {
        if (!watch_) return;
        if (closed_ || !started_) return watch_->watch(false, false);
        const bool connecting = state_ == SocketState::connecting;
        watch_->watch(!held_ && !connecting, connecting || backlog() > 0 || failed_);
    }

    void read_some() {
        std::array<char, read_size> buffer;
        const auto alive = alive_;
        constexpr int reads_per_turn = 4;
        constexpr Duration time_per_turn = 1ms;  // others wait that long for theirs
        const Time end = loop_.now() + time_per_turn;
        for (int i = 0; i < reads_per_turn; ++i) {
            const auto n = sys::read(fd_.get(), buffer);
            if (!n && n.error().code == EAGAIN) return;
            if (!n) return close(n.error());
            if (*n == 0) return close(Error{"connection closed by peer", 0});
            if (events_.received) events_.received({buffer.data(), *n});
            if (!*alive || held_ || *n < buffer.size() || loop_.now() >= end) return;
        }
    }

    void write_some() {
        if (failed_) return close(Error(*failed_));
        if (state_ == SocketState::connecting) {
            if (const auto done = sys::connect_result(fd_.get()); !done) return close(done.error());
            state_ = SocketState::connected;
            const auto alive = alive_;
            if (events_.connected) events_.connected();
            if (!*alive) return;
        }
        write_output();
        const bool drained = !failed_ && backlog() == 0 && std::exchange(owes_drained_, false);
        update_watch();
        if (drained && events_.drained) events_.drained();  // may destroy this
    }

    /// What the socket takes now. A failure is kept for the next turn: callbacks do not come from within
    /// calls.
    void write_output() {
        while (written_ < output_.size()) {
            const auto n = sys::write(fd_.get(), std::string_view(output_).substr(written_));
            if (!n && n.error().code != EAGAIN) failed_ = n.error();
            if (!n) break;
            written_ += *n;
        }
        if (backlog() > 0) owes_drained_ = true;
        if (written_ * 2 < output_.size()) return;
        output_.erase(0, written_);
        written_ = 0;
    }

    void close(Error error) {
        closed_ = true;
        update_watch();
        if (events_.closed) std::exchange(events_.closed, nullptr)(error);  // may destroy this
    }

    loop::Loop& loop_;
    sys::Fd fd_;
    SocketState state_;
    Events events_;
    std::string output_;
    size_t written_ = 0;
    bool started_ = false, held_ = false, closed_ = false, owes_drained_ = false;
    std::optional<Error> failed_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::optional<loop::FdWatch> watch_;
    std::optional<loop::Resolver> resolver_;
};

}  // namespace

std::unique_ptr<Stream> make_socket_stream(loop::Loop& loop, sys::Fd fd, std::string name,
                                           SocketState state) {
    return std::make_unique<SocketStream>(loop, std::move(fd), std::move(name), state);
}

std::unique_ptr<Stream> make_resolving_stream(loop::Loop& loop, const ConnectionName& to) {
    return std::make_unique<SocketStream>(loop, to);
}

}  // namespace weft::net
