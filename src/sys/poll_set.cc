// SPDX-License-Identifier: Apache-2.0
#include "sys/poll_set.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace weft::sys {

Result<Event> Event::open() {
    return Event(TRY(fd_or_errno(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")));
}

void Event::notify() const {
    const uint64_t one = 1;
    // Fails only when the counter is full: then the waiter is awake already.
    [[maybe_unused]] const auto n = ::write(fd_.get(), &one, sizeof one);
}

void Event::drain() const {
    uint64_t count;
    [[maybe_unused]] const auto n = ::read(fd_.get(), &count, sizeof count);
}

Result<PollSet> PollSet::open() {
    return PollSet(TRY(fd_or_errno(::epoll_create1(EPOLL_CLOEXEC), "epoll_create")));
}

Result<void> PollSet::add(int fd, uint64_t token) {
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.u64 = token;
    if (::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &e) == 0) return {};
    if (errno == EEXIST && ::epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &e) == 0) return {};
    return fail_errno("epoll_ctl");
}

void PollSet::remove(int fd) { ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr); }

std::span<const uint64_t> PollSet::wait(std::chrono::milliseconds timeout) {
    std::array<epoll_event, 64> events;
    const int n = ::epoll_wait(fd_.get(), events.data(), static_cast<int>(events.size()),
                               static_cast<int>(timeout.count()));
    ready_.clear();
    for (int i = 0; i < n; ++i)
        ready_.push_back(uint64_t{events[static_cast<size_t>(i)].data.u64});  // packed: no reference to it
    return ready_;
}

}  // namespace weft::sys
