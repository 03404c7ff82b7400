// SPDX-License-Identifier: Apache-2.0
#include "store/aside_thread.h"

#include "sys/thread.h"

namespace weft::store {

AsideThread::AsideThread(loop::Loop& loop) : loop_(loop), thread_([this] { run(); }) {}

AsideThread::~AsideThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    ready_.notify_one();
    thread_.join();
}

RunAside AsideThread::run_aside() {
    return [this](auto work, auto done) {
        const std::lock_guard lock(mutex_);
        pieces_.push_back({std::move(work), std::move(done)});
        ready_.notify_one();
    };
}

void AsideThread::run() {
    sys::set_thread_name("store");
    std::unique_lock lock(mutex_);
    for (;;) {
        ready_.wait(lock, [this] { return ending_ || !pieces_.empty(); });
        if (pieces_.empty()) return;
        Piece piece = std::move(pieces_.front());
        pieces_.pop_front();
        lock.unlock();
        piece.work();
        piece.work = nullptr;
        loop_.post(std::move(piece.done));
        lock.lock();
    }
}

}  // namespace weft::store
