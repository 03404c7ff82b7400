// SPDX-License-Identifier: Apache-2.0
#include "net/memory_transport.h"

#include <cerrno>
#include <deque>
#include <optional>

namespace weft::net {
namespace {

/// One direction of a connection: bytes under way and bytes that wait for the receiver.
struct Pipe : std::enable_shared_from_this<Pipe> {
    Pipe(loop::Loop& l, Duration d) : delay(d), arrival(l, [this] { arrive(); }) {}

    void send(loop::Loop& loop, std::string_view bytes) {
        if (broken) return;
        under_way.emplace_back(loop.now() + delay, bytes);
        in_flight += bytes.size();
        arrival.at(under_way.front().first);
    }
    void finish(loop::Loop& loop) {
        if (!end) end = loop.now() + delay;
        if (under_way.empty()) arrival.at(*end);
    }
    void arrive();

    Duration delay;
    loop::Timer arrival;
    std::deque<std::pair<Time, std::string>> under_way;
    size_t in_flight = 0;
    std::optional<Time> end;  ///< when the receiver learns that the sender is gone
    bool held = false;        ///< by the receiver
    bool broken = false;      ///< the receiver is gone
    class MemoryStream* receiver = nullptr;
    class MemoryStream* sender = nullptr;
};

class MemoryStream : public Stream {
  public:
    MemoryStream(loop::Loop& loop, std::string name, bool accepted, std::shared_ptr<Pipe> in,
                 std::shared_ptr<Pipe> out)
        : Stream(std::move(name)),
          loop_(loop),
          accepted_(accepted),
          in_(std::move(in)),
          out_(std::move(out)) {
        in_->receiver = this;
        in_->held = true;  // until started
        out_->sender = this;
    }
    ~MemoryStream() override {
        *alive_ = false;
        in_->receiver = nullptr;
        in_->broken = true;
        in_->arrival.cancel();
        out_->sender = nullptr;
        out_->finish(loop_);
    }

    void start(Events events) override {
        events_ = std::move(events);
        started_ = true;
        if (events_.connected && !accepted_)
            loop_.post([this, alive = alive_] {
                if (*alive && !closed_) events_.connected();
            });
        hold(held_);
    }
    void send(std::string_view bytes) override {
        if (!closed_ && !bytes.empty()) out_->send(loop_, bytes);
    }
    size_t backlog() const override { return out_->in_flight; }
    void hold(bool held) override {
        held_ = held;
        in_->held = held || !started_;
        if (!in_->held)
            in_->arrival.at(in_->under_way.empty() ? in_->end.value_or(never) : in_->under_way.front().first);
    }

    void deliver(std::string_view bytes) {
        if (events_.received) events_.received(bytes);
    }
    void drained() {
        if (events_.drained) events_.drained();
    }
    void close() {
        if (std::exchange(closed_, true)) return;
        if (events_.closed) events_.closed(Error{"connection closed by peer", 0});
    }

  private:
    loop::Loop& loop_;
    bool accepted_;
    std::shared_ptr<Pipe> in_, out_;
    Events events_;
    bool started_ = false, held_ = false, closed_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

void Pipe::arrive() {
    if (held || !receiver) return;
    const auto self = shared_from_this();  // the callbacks may destroy both streams
    if (under_way.empty()) return receiver->close();
    const std::string bytes = std::move(under_way.front().second);
    under_way.pop_front();
    in_flight -= bytes.size();
    arrival.at(under_way.empty() ? end.value_or(never) : under_way.front().first);
    if (in_flight == 0 && sender) sender->drained();
    if (receiver) receiver->deliver(bytes);
}

/// An attempt to connect that never ends.
class HungStream : public Stream {
  public:
    using Stream::Stream;
    void start(Events) override {}
    void send(std::string_view) override {}
    size_t backlog() const override { return 0; }
    void hold(bool) override {}
};

}  // namespace

std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> make_memory_streams(loop::Loop& loop,
                                                                                std::string near_name,
                                                                                std::string far_name,
                                                                                Duration delay) {
    auto there = std::make_shared<Pipe>(loop, delay), back = std::make_shared<Pipe>(loop, delay);
    return {std::make_unique<MemoryStream>(loop, std::move(near_name), false, back, there),
            std::make_unique<MemoryStream>(loop, std::move(far_name), true, there, back)};
}

struct MemoryTransport::Place {
    Accept accept;
};

class MemoryTransport::Registration : public Listener {
  public:
    Registration(MemoryTransport& owner, std::string key, uint16_t port)
        : owner_(owner), key_(std::move(key)), port_(port) {}
    ~Registration() override { owner_.places_.erase(key_); }
    uint16_t port() const override { return port_; }

  private:
    MemoryTransport& owner_;
    std::string key_;
    uint16_t port_;
};

std::string MemoryTransport::key(const ConnectionName& name) {
    return name.kind == ConnectionName::Kind::unix_socket ? "unix:" + name.path
                                                          : "tcp:" + std::to_string(name.port);
}

Result<std::unique_ptr<Stream>> MemoryTransport::connect(const ConnectionName& to) {
    if (blocked_[to.text]) return std::make_unique<HungStream>(to.text);
    const auto place = places_.find(key(to));
    if (place == places_.end()) return fail(to.text + ": Connection refused", ECONNREFUSED);
    auto [near, far] = make_memory_streams(loop_, to.text, "unix#" + std::to_string(accepted_++), delay_);
    auto waiting = std::make_shared<std::unique_ptr<Stream>>(std::move(far));
    loop_.post([weak = std::weak_ptr(place->second), waiting] {
        if (const auto here = weak.lock()) here->accept(std::move(*waiting));
    });
    return std::move(near);
}

Result<std::unique_ptr<Listener>> MemoryTransport::listen(const ConnectionName& at, Accept accept) {
    ConnectionName place = at;
    if (place.kind != ConnectionName::Kind::unix_socket && place.port == 0) place.port = next_port_++;
    if (places_.contains(key(place))) return fail(at.text + ": Address already in use", EADDRINUSE);
    places_[key(place)] = std::make_shared<Place>(std::move(accept));
    return std::make_unique<Registration>(*this, key(place), place.port);
}

}  // namespace weft::net
