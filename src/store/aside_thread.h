// SPDX-License-Identifier: Apache-2.0
// A thread for what blocks or takes long: to sync a file, to compact one.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "loop/loop.h"
#include "store/file_storage.h"

namespace weft::store {

/// Works one piece after the other; what comes after it runs on the loop. Resource type; belongs to the
/// loop's thread and must end before the loop. Its end waits for the work that was begun.
class AsideThread {
  public:
    explicit AsideThread(loop::Loop& loop);
    ~AsideThread();
    AsideThread(const AsideThread&) = delete;
    AsideThread& operator=(const AsideThread&) = delete;

    RunAside run_aside();

  private:
    struct Piece {
        std::move_only_function<void()> work, done;
    };
    void run();

    loop::Loop& loop_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Piece> pieces_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace weft::store
