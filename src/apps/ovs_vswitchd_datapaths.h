// SPDX-License-Identifier: Apache-2.0
// Which datapaths ovs-vswitchd offers, and how they are opened.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/status.h"
#include "dp/datapath.h"
#include "loop/clock.h"
#include "obs/log.h"
#include "sys/fd.h"

namespace weft::dp {
class UserDatapath;
}

namespace weft::apps {

/// --enable-dummy and --disable-system.
struct DatapathOptions {
    enum class Dummy : uint8_t { off, on, override_system, override_all } dummy = Dummy::off;
    bool disable_system = false;
    /// --bpf-folder: where eBPF programs and maps outlive the process; "none": nowhere.
    std::string bpf_folder = default_bpf_folder;
    bool adopt = true;  ///< --no-adoption, for tests: nothing of an earlier process is taken over
    static constexpr const char* default_bpf_folder = "/sys/fs/bpf/weft";

    Result<> enable_dummy(std::string_view how);
};

/// Resource type. The clock outlives it. datapath_type '', "system" and "ebpf" are one datapath,
/// system@ovs-system: eBPF programs in the kernel. Where that cannot be had, or other_config:ebpf=false, they
/// are served by the userspace datapath, netdev@ovs-netdev.
class Datapaths {
  public:
    /// `rundir` tells switches of one machine apart.
    Datapaths(const loop::Clock& clock, DatapathOptions options, std::string rundir, obs::LogModule log)
        : clock_(clock), options_(std::move(options)), rundir_(std::move(rundir)), log_(log) {}

    /// The type that serves bridges of this datapath_type.
    std::optional<std::string> resolve(std::string_view datapath_type) const;
    /// If that fails, resolve() may know another type.
    Result<std::unique_ptr<dp::Datapath>> open(const std::string& type);
    /// One more of a datapath_type, which starts empty; code EAFNOSUPPORT if the type is unknown.
    Result<std::unique_ptr<dp::Datapath>> open_spare(std::string_view type, std::string_view name) const;
    /// Why bridges of this datapath_type are served by another datapath than they ask for; empty: they are
    /// not.
    std::string why_other(std::string_view datapath_type) const;
    bridge::ProgramFacts facts() const;

    /// The configuration that is about to be applied: what other internal ports an earlier process left goes.
    void expect(const bridge::Config& config);
    /// other_config:ebpf, before bridges are opened.
    void prefer(const bridge::StringMap& other_config);
    /// other_config:pmd-cpu-mask.
    void configure(dp::Datapath& datapath, const bridge::StringMap& other_config) const;

  private:
    bool is_dummy(std::string_view type) const;
    Result<std::unique_ptr<dp::UserDatapath>> open_threads(const std::string& type, std::string_view name,
                                                           std::string keep_in) const;
    std::string folder() const;
    std::string folder_to_keep_in();
    void forget_programs() const;

    const loop::Clock& clock_;
    const DatapathOptions options_;
    const std::string rundir_;
    const obs::LogModule log_;
    sys::Fd bpf_lock_;
    std::vector<std::string> internal_ports_;
    bool ebpf_ = true;            ///< other_config:ebpf
    std::string kernel_refused_;  ///< the eBPF datapath, and why; it is not asked again
};

}  // namespace weft::apps
