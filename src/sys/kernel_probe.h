// SPDX-License-Identifier: Apache-2.0
// What the running kernel and our privileges allow the eBPF datapath, found by trying.
#pragma once

#include <cstdint>
#include <string>

namespace weft::sys {

/// Value type.
struct KernelProbe {
    unsigned major = 0, minor = 0;  ///< of Linux
    std::string release;
    int load_error = 0;      ///< errno of loading the smallest program; 0: that works
    bool has_types = false;  ///< BTF of the kernel can be read
    bool has_tcx = false;
    bool has_file_system = false;  ///< bpffs where programs are kept
    bool compiles = false;         ///< its programs to machine code
    bool has_xdp_sockets = false;
};

inline constexpr const char* kernel_types_file = "/sys/kernel/btf/vmlinux";
inline constexpr const char* bpf_file_system = "/sys/fs/bpf";

KernelProbe probe_kernel();

/// The effective capabilities of a process; 0: it is not there.
uint64_t capabilities_of(int pid);

}  // namespace weft::sys
