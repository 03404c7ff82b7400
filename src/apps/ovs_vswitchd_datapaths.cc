// SPDX-License-Identifier: Apache-2.0
#include "apps/ovs_vswitchd_datapaths.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "dp/ebpf/ebpf_datapath.h"
#include "dp/fake/fake_datapath.h"
#include "dp/user/user_datapath.h"
#include "sys/bpf_folder.h"

namespace weft::apps {
namespace {

bool is_in_kernel(std::string_view type) { return type.empty() || type == "system" || type == "ebpf"; }

}  // namespace

Result<> DatapathOptions::enable_dummy(std::string_view how) {
    if (how.empty())
        dummy = Dummy::on;
    else if (how == "system")
        dummy = Dummy::override_system;
    else if (how == "override")
        dummy = Dummy::override_all;
    else
        return fail(fmt::format("--enable-dummy={}: expected nothing, \"system\" or \"override\"", how));
    return {};
}

bool Datapaths::is_dummy(std::string_view type) const {
    using Dummy = DatapathOptions::Dummy;
    if (type == "dummy") return options_.dummy != Dummy::off;
    if (options_.dummy == Dummy::override_all) return true;
    return options_.dummy == Dummy::override_system && type == "system";
}

std::optional<std::string> Datapaths::resolve(std::string_view type) const {
    if (type.empty()) type = "system";
    if (is_dummy(type) && (type == "dummy" || type == "system" || type == "netdev")) return std::string(type);
    if (type == "netdev") return "netdev";
    if (!is_in_kernel(type) || (type == "system" && options_.disable_system)) return std::nullopt;
    return ebpf_ && kernel_refused_.empty() ? "system" : "netdev";
}

std::string Datapaths::why_other(std::string_view type) const {
    if (!is_in_kernel(type) || resolve(type) != "netdev") return "";
    return ebpf_ ? kernel_refused_ : "other_config:ebpf=false";
}

void Datapaths::prefer(const bridge::StringMap& other_config) {
    ebpf_ = bridge::get_bool(other_config, "ebpf", true);
}

std::string Datapaths::folder() const { return options_.bpf_folder + "/" + sys::bpf_name_of(rundir_); }

/// The folder for our programs and maps; empty if they end with the process.
std::string Datapaths::folder_to_keep_in() {
    if (options_.bpf_folder == "none") return {};
    const std::string path = folder();
    const auto folder = sys::BpfFolder::make(path);
    auto lock = bpf_lock_.valid() ? Result<sys::Fd>(std::move(bpf_lock_))
                : folder          ? folder->lock()
                                  : std::unexpected(folder.error());
    if (lock) {
        bpf_lock_ = *std::move(lock);
        return path;
    }
    LOG(log_, info, "the eBPF datapath will not forward while this process is restarted: {}",
        lock.error().message);
    return {};
}

Result<std::unique_ptr<dp::Datapath>> Datapaths::open(const std::string& type) {
    if (is_dummy(type))
        return std::make_unique<dp::FakeDatapath>(clock_, dp::FakeDatapath::Options{type, "ovs-" + type});
    auto datapath = open_threads(type, "ovs-" + type, type == "system" ? folder_to_keep_in() : "");
    if (!datapath) {
        if (type == "system") kernel_refused_ = datapath.error().message;
        return std::unexpected(datapath.error());
    }
    TRY((*datapath)->remove_leftovers(internal_ports_));
    return *std::move(datapath);
}

Result<std::unique_ptr<dp::UserDatapath>> Datapaths::open_threads(const std::string& type,
                                                                  std::string_view name,
                                                                  std::string keep_in) const {
    dp::UserDatapath::Options options{.type = type, .name = std::string(name), .cores = {}};
    if (type == "system")
        return TRY(dp::EbpfDatapath::open(clock_, std::move(options),
                                          {.keep_in = std::move(keep_in), .adopt = options_.adopt}));
    return dp::UserDatapath::open(clock_, std::move(options));
}

Result<std::unique_ptr<dp::Datapath>> Datapaths::open_spare(std::string_view type,
                                                            std::string_view name) const {
    const auto served = resolve(type);
    if (!served) return fail(fmt::format("unknown datapath type {}", type), EAFNOSUPPORT);
    if (is_dummy(*served))
        return std::make_unique<dp::FakeDatapath>(clock_,
                                                  dp::FakeDatapath::Options{*served, std::string(name)});
    return TRY(open_threads(*served, name, {}));
}

/// Where no bridge is forwarded by eBPF any more, nobody else would take away what forwards.
void Datapaths::forget_programs() const {
    const std::string path = folder();
    const auto lock = sys::BpfFolder(path).lock();
    if (!lock) return;
    sys::BpfFolder::remove(path + "/links");
    sys::BpfFolder::remove(path);
}

void Datapaths::expect(const bridge::Config& config) {
    prefer(config.other_config);
    if (std::ranges::none_of(config.bridges,
                             [&](const auto& b) { return resolve(b.datapath_type) == "system"; }))
        forget_programs();
    internal_ports_.clear();
    for (const auto& b : config.bridges)
        for (const auto& port : b.ports)
            for (const auto& i : port.interfaces)
                if (i.type == "internal" || i.type == "tap") internal_ports_.push_back(i.name);
}

void Datapaths::configure(dp::Datapath& datapath, const bridge::StringMap& other_config) const {
    auto* user = dynamic_cast<dp::UserDatapath*>(&datapath);
    if (!user) return;
    std::string_view mask = bridge::get(other_config, "pmd-cpu-mask");
    if (mask.starts_with("0x")) mask.remove_prefix(2);
    uint64_t bits = 0;
    const auto [end, error] = std::from_chars(mask.data(), mask.data() + mask.size(), bits, 16);
    if (error != std::errc() || end != mask.data() + mask.size()) bits = 0;  // the log tells (config_keys)
    std::vector<int> cores;
    for (int core = 0; core < 64; ++core)
        if (bits >> core & 1) cores.push_back(core);
    (void)user->set_cores(std::move(cores));
}

bridge::ProgramFacts Datapaths::facts() const {
    bridge::ProgramFacts out;
    out.interface_types = {"internal", "patch", "system", "tap"};
    out.datapath_types = {"ebpf", "netdev", "system"};
    if (options_.dummy != DatapathOptions::Dummy::off) {
        out.interface_types.insert(out.interface_types.end(), {"dummy", "dummy-internal"});
        out.datapath_types.emplace_back("dummy");
    }
    return out;
}

}  // namespace weft::apps
