// SPDX-License-Identifier: Apache-2.0
#include "apps/ovs_vswitchd_datapaths.h"

#include <fmt/core.h>

#include <cerrno>
#include <charconv>

#include "dp/fake/fake_datapath.h"
#include "dp/user/user_datapath.h"

namespace weft::apps {

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
    if (type == "netdev" || (type == "system" && !options_.disable_system)) return "netdev";
    return std::nullopt;
}

Result<std::unique_ptr<dp::Datapath>> Datapaths::open(const std::string& type) const {
    if (is_dummy(type))
        return std::make_unique<dp::FakeDatapath>(clock_, dp::FakeDatapath::Options{type, "ovs-" + type});
    auto datapath = TRY(dp::UserDatapath::open(clock_, {.type = type, .name = "ovs-" + type, .cores = {}}));
    TRY(datapath->remove_leftovers(internal_ports_));
    return datapath;
}

Result<std::unique_ptr<dp::Datapath>> Datapaths::open_spare(std::string_view type,
                                                            std::string_view name) const {
    const auto served = resolve(type);
    if (!served) return fail(fmt::format("unknown datapath type {}", type), EAFNOSUPPORT);
    if (is_dummy(*served))
        return std::make_unique<dp::FakeDatapath>(clock_,
                                                  dp::FakeDatapath::Options{*served, std::string(name)});
    return TRY(dp::UserDatapath::open(clock_, {.type = *served, .name = std::string(name), .cores = {}}));
}

void Datapaths::expect(const bridge::Config& config) {
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
    std::from_chars(mask.data(), mask.data() + mask.size(), bits, 16);
    std::vector<int> cores;
    for (int core = 0; core < 64; ++core)
        if (bits >> core & 1) cores.push_back(core);
    (void)user->set_cores(std::move(cores));
}

bridge::ProgramFacts Datapaths::facts() const {
    bridge::ProgramFacts out;
    out.interface_types = {"internal", "patch", "system", "tap"};
    out.datapath_types = {"netdev", "system"};
    if (options_.dummy != DatapathOptions::Dummy::off) {
        out.interface_types.insert(out.interface_types.end(), {"dummy", "dummy-internal"});
        out.datapath_types.emplace_back("dummy");
    }
    return out;
}

}  // namespace weft::apps
