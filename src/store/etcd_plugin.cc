// SPDX-License-Identifier: Apache-2.0
#include "store/etcd_plugin.h"

#include "sys/plugin.h"

namespace weft::store::etcd {

Result<std::unique_ptr<Client>> load_client(ClientOptions options) {
    static const std::string files[] = {"$ORIGIN/weft-etcd.so", "$ORIGIN/" WEFT_PLUGIN_DIR "/weft-etcd.so"};
    const auto make = sys::plugin_symbol(files, "weft_etcd_client");
    if (!make)
        return fail("the plugin for etcd cannot be loaded (" + make.error().message +
                    "): install the package weft-etcd");
    return std::unique_ptr<Client>(reinterpret_cast<MakeClient*>(*make)(&options));
}

}  // namespace weft::store::etcd
