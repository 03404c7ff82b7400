// SPDX-License-Identifier: Apache-2.0
// Becoming a daemon: the background, a monitor that starts it again after a crash.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "obs/logging.h"
#include "sys/fd.h"

namespace weft::sys {

/// Forks as asked for before there are threads or loops. Resource type.
///
///     starter (exits when ready() is called) -> monitor, if any -> the daemon, which returns from start()
class Background {
  public:
    struct Options {
        bool detach = false, monitor = false, change_directory = true;
        bool keep_stdout = false;  ///< what is printed after ready() still goes where it went
        std::string program;
        /// Room for a process title; may be empty.
        int argc = 0;
        char** argv = nullptr;
    };
    /// Returns in the daemon. If that ends before ready(), the starter exits with its status.
    static Result<std::unique_ptr<Background>> start(Options options, obs::Logging& logging);
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    /// The daemon serves: lets the starter exit with success and leaves the terminal. Log messages for the
    /// console end here if detached.
    void ready();

  private:
    Background(Options options, obs::Logging& logging) : options_(std::move(options)), logging_(logging) {}
    Options options_;
    obs::Logging& logging_;
    Fd notify_;  ///< of the process that waits for us
};

}  // namespace weft::sys
