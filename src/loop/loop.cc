// SPDX-License-Identifier: Apache-2.0
#include "loop/loop.h"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <thread>

#include "base/result.h"

namespace weft::loop {
namespace asio = boost::asio;

struct Loop::Impl {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::atomic<bool> stopping{false};
};

Loop::Loop(Clock& clock) : clock_(clock), impl_(std::make_unique<Impl>()) {
    listener_ = clock_.listen([this] { post([] {}); });  // wakes wait(), which then looks at the time
}

Loop::~Loop() {
    clock_.forget(listener_);
    CHECK(timers_.empty());
}

void Loop::post(Call call) { asio::post(impl_->context, std::move(call)); }

asio::io_context& Loop::context() { return impl_->context; }

void Loop::stop() {
    impl_->stopping = true;
    post([] {});
}

void Loop::run() {
    while (!impl_->stopping) {
        // One event at a time, so that timers are looked at between any two: events may never run out.
        const bool fired = fire_due_timers();
        if (!fired && idle_calls_.empty())
            wait();
        else if (impl_->context.poll_one() == 0 && !fired)
            run_idle_call();
    }
    impl_->stopping = false;
}

void Loop::wait() {
    const Time deadline = next_deadline(), start = now();
    if (last_wait_ >= awake_ || !wait_awake(std::min(deadline, start + awake_))) sleep(deadline);
    last_wait_ = now() - start;
}

/// True if there was an event. False also if others want the core: it is theirs then.
bool Loop::wait_awake(Time end) {
    constexpr Duration alone = 5us;  // more than to look and to yield takes
    for (Time at = now(); at < end && !clock_.stopped();) {
        if (impl_->context.poll_one() > 0) return true;
        std::this_thread::yield();
        const Time before = std::exchange(at, now());
        if (at - before > alone) return false;
    }
    return false;
}

void Loop::sleep(Time deadline) {
    if (deadline == never || clock_.stopped())
        impl_->context.run_one();
    else if (const auto left = deadline - now(); left > Duration::zero())
        impl_->context.run_one_for(left);
}

bool Loop::run_ready() {
    bool any = false;
    while (impl_->context.poll() > 0 || fire_due_timers() || run_idle_call()) any = true;
    return any;
}

bool Loop::run_idle_call() {
    if (idle_calls_.empty()) return false;
    Call call = std::move(idle_calls_.front());
    idle_calls_.pop_front();
    call();
    return true;
}

bool Loop::fire_due_timers() {
    // Timers that are set meanwhile wait for the next turn, or a timer set to "now" by itself would starve
    // the rest.
    const Time due = now();
    const uint64_t first_new = next_timer_;
    bool any = false;
    for (auto it = timers_.begin(); it != timers_.end() && it->first.first <= due;) {
        if (it->first.second >= first_new) {
            ++it;
            continue;
        }
        Timer* timer = it->second;
        timers_.erase(it);
        timer->key_.first = never;
        const auto call = timer->due_;
        (*call)();
        any = true;
        it = timers_.begin();  // the call may have changed anything
    }
    return any;
}

bool Loop::run_until(const std::function<bool()>& done, Duration limit) {
    CHECK(clock_.stopped());
    const Time end = now() + limit;
    for (;;) {
        run_ready();
        if (done()) return true;
        if (now() >= end) return false;
        clock_.advance(std::min(next_deadline(), end) - now());
    }
}

void Loop::run_for(Duration span) {
    run_until([] { return false; }, span);
}

Timer::Timer(Loop& loop, Call due) : loop_(loop), due_(std::make_shared<Call>(std::move(due))) {}

void Timer::at(Time deadline) {
    cancel();
    if (deadline == never) return;
    key_ = {deadline, loop_.next_timer_++};
    loop_.timers_.emplace(key_, this);
}

void Timer::cancel() {
    if (is_set()) loop_.timers_.erase(key_);
    key_.first = never;
}

struct FdWatch::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::io_context& context, int fd, Calls c) : descriptor(context, fd), calls(std::move(c)) {}

    struct Side {
        bool wanted = false, waiting = false;
    };

    void arm(Side& side, asio::posix::descriptor_base::wait_type type, Call& call) {
        if (!alive || !side.wanted || side.waiting) return;
        side.waiting = true;
        descriptor.async_wait(
            type, [self = shared_from_this(), &side, type, &call](const boost::system::error_code& error) {
                side.waiting = false;
                if (self->alive && side.wanted && error != asio::error::operation_aborted) call();
                self->arm(side, type, call);
            });
    }
    void arm() {
        arm(read, descriptor.wait_read, calls.readable);
        arm(write, descriptor.wait_write, calls.writable);
    }

    asio::posix::stream_descriptor descriptor;
    Calls calls;
    Side read, write;
    bool alive = true;
};

FdWatch::FdWatch(Loop& loop, int fd, Calls calls)
    : impl_(std::make_shared<Impl>(loop.context(), fd, std::move(calls))) {}

FdWatch::~FdWatch() {
    impl_->alive = false;
    impl_->descriptor.release();  // cancels what waits
}

void FdWatch::watch(bool readable, bool writable) {
    impl_->read.wanted = readable;
    impl_->write.wanted = writable;
    impl_->arm();
}

struct SignalWatch::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::io_context& context, std::move_only_function<void(int)> c)
        : set(context), caught(std::move(c)) {}
    void arm() {
        set.async_wait([self = shared_from_this()](const boost::system::error_code& error, int number) {
            if (error || !self->alive) return;
            self->caught(number);
            self->arm();
        });
    }
    asio::signal_set set;
    std::move_only_function<void(int)> caught;
    bool alive = true;
};

SignalWatch::SignalWatch(Loop& loop, std::initializer_list<int> signals,
                         std::move_only_function<void(int)> caught)
    : impl_(std::make_shared<Impl>(loop.context(), std::move(caught))) {
    for (const int number : signals) impl_->set.add(number);
    impl_->arm();
}

SignalWatch::~SignalWatch() {
    impl_->alive = false;
    impl_->set.cancel();
}

}  // namespace weft::loop
