// SPDX-License-Identifier: Apache-2.0
#include "bridge/driver.h"

namespace weft::bridge {

Driver::Driver(loop::Loop& loop, Switch& sw, Inbox& inbox)
    : loop_(loop), switch_(sw), timer_(loop, [this] { run(); }) {
    inbox.deliver_on(loop_, [this](Event event) {
        switch_.handle(std::move(event), loop_.now());
        wake();
    });
    wake();
}

void Driver::run() {
    const Time now = loop_.now();
    timer_.at(switch_.run(now));
    for (const auto& call : after_) call(now);
}

}  // namespace weft::bridge
