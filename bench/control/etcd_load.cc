// SPDX-License-Identifier: Apache-2.0
// etcd_load etcd://HOST:PORT[,HOST:PORT...]/PREFIX COUNT DEPTH SIZE: puts COUNT values of SIZE bytes, DEPTH
// of them under way at a time, by the client that ovsdb-server has. Prints JSON: puts per second.
#include <cstdio>
#include <cstdlib>

#include "client.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "store/etcd_format.h"
#include "store/etcd_plugin.h"

namespace {

using namespace weft;
using namespace weft::store::etcd;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "etcd_load: %s\n", why.c_str());
    std::exit(1);
}

/// Resource type.
class Load {
  public:
    struct Wanted {
        std::string prefix;
        int count, depth;
        size_t size;
    };
    Load(loop::Loop& loop, Client& client, Wanted wanted)
        : loop_(loop), client_(client), wanted_(std::move(wanted)), value_(wanted_.size, 'x') {}
    void run() {
        for (int i = 0; i < wanted_.depth; ++i) put();
        loop_.run();
    }

  private:
    void put() {
        if (sent_ == wanted_.count) return;
        Txn txn;
        txn.operations = {{.key = wanted_.prefix + std::to_string(sent_++), .value = value_}};
        client_.txn(std::move(txn), [this](const Outcome<TxnOutcome>& done) {
            if (!done) give_up(done.error().message);
            if (++done_ == wanted_.count) return loop_.stop();
            put();
        });
    }

    loop::Loop& loop_;
    Client& client_;
    Wanted wanted_;
    std::string value_;
    int sent_ = 0, done_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) give_up("usage: etcd_load etcd://HOST:PORT/PREFIX COUNT DEPTH SIZE");
    const auto address = parse_address(argv[1]);
    if (!address) give_up(address.error().message);
    loop::Clock clock;
    loop::Loop loop(clock);
    ClientOptions options;
    options.endpoints = address->endpoints;
    options.post = [&loop](std::move_only_function<void()> call) { loop.post(std::move(call)); };
    const auto client = load_client(std::move(options));
    if (!client) give_up(client.error().message);
    const int count = std::atoi(argv[2]);
    Load load(loop, **client,
              {address->prefix, count, std::atoi(argv[3]), static_cast<size_t>(std::atoi(argv[4]))});
    const double start = bench::now_s();
    load.run();
    std::printf("{\"per_second\": %.0f}\n", count / (bench::now_s() - start));
    return 0;
}
