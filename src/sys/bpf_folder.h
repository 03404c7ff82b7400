// SPDX-License-Identifier: Apache-2.0
// Folders of a BPF file system: maps and links that are pinned there outlive the process that made them.
#pragma once

#include <string>
#include <vector>

#include "sys/fd.h"

namespace weft::sys {

/// Where the kernel's BPF file system is found on most systems.
inline constexpr const char* bpf_file_system = "/sys/fs/bpf";

/// Value type: a path; what is pinned there stays until it is removed. Names may not have dots.
class BpfFolder {
  public:
    /// Makes the folder and those above it. Where nothing is mounted at /sys/fs/bpf a BPF file system is. The
    /// error says what to do if `path` is in no BPF file system.
    static Result<BpfFolder> make(const std::string& path);
    /// No questions asked: for what may be there.
    explicit BpfFolder(std::string path) : path_(std::move(path)) {}

    const std::string& path() const { return path_; }
    std::string path_of(const std::string& name) const { return path_ + "/" + name; }
    Result<void> pin(int fd, const std::string& name) const;
    Result<Fd> open(const std::string& name) const;
    /// Held as long as the descriptor lives; code EWOULDBLOCK if another process has it.
    Result<Fd> lock() const;
    /// Folders and pins in it, sorted.
    std::vector<std::string> names() const;
    bool is_folder(const std::string& name) const;
    /// A pin, or a folder with all that is in it; how many pins that were.
    static size_t remove(const std::string& path);
    /// The folder itself if it is empty.
    void remove_if_empty() const;

  private:
    std::string path_;
};

/// A name without dots for anything that is named by a path.
std::string bpf_name_of(const std::string& path);

Result<void> pin(int fd, const std::string& path);
Result<Fd> open_pin(const std::string& path);

}  // namespace weft::sys
