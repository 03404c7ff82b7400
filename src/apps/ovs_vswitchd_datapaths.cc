// SPDX-License-Identifier: Apache-2.0
#include "apps/ovs_vswitchd_datapaths.h"

#include <fmt/core.h>

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
    return dp::UserDatapath::open(clock_, {.type = type, .name = "ovs-" + type, .cores = {}});
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
