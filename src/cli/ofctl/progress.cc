// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/progress.h"

#include <unistd.h>

#include <cstdio>

namespace weft::cli::ofctl {

Progress::Progress(size_t total) : total_(total), shown_(total > worth_telling && ::isatty(STDERR_FILENO)) {}

Progress::Progress() : shown_(::isatty(STDERR_FILENO) && !::isatty(STDOUT_FILENO)) {}

Progress::~Progress() {
    if (told_ == 0) return;
    show();
    std::fputc('\n', stderr);
}

void Progress::show() {
    told_ = done_;
    if (total_ > 0)
        std::fprintf(stderr, "\r%zu of %zu sent", done_, total_);
    else
        std::fprintf(stderr, "\r%zu read", done_);
}

}  // namespace weft::cli::ofctl
