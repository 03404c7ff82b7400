// SPDX-License-Identifier: Apache-2.0
// How far a long operation is, on a terminal's standard error.
#pragma once

#include <cstddef>

namespace weft::cli::ofctl {

/// Resource type. Silent where there is little to do, or no terminal.
class Progress {
  public:
    /// Of changes that are sent.
    explicit Progress(size_t total);
    /// Of entries that are read; nobody knows how many come. Silent too where they are printed on the
    /// terminal: they are their own progress.
    Progress();
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void step(size_t n = 1) {
        done_ += n;
        if (shown_ && done_ > worth_telling && done_ - told_ >= interval) show();
    }

  private:
    static constexpr size_t interval = 5000, worth_telling = 10000;
    void show();

    const size_t total_ = 0;
    const bool shown_;
    size_t done_ = 0, told_ = 0;
};

}  // namespace weft::cli::ofctl
