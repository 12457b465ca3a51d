#include "scenarios/forked_task.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <csignal>
#include <string>

namespace hearsay {
namespace {

using Stop = std::atomic<bool>;

void wait_for(ForkedTask& task) {
  while (!task.has_ended()) {
  }
}

TEST(ForkedTask, ReturnsWhatItsWorkReturns) {
  // More than a pipe holds.
  const std::string text(200'000, 'x');
  ForkedTask task([&](const Stop&) { return text; });
  wait_for(task);
  EXPECT_EQ(task.result(), text);
  EXPECT_EQ(task.death(), "");
}

TEST(ForkedTask, SeesTheMemoryOfItsMakerAndChangesItsOwnOnly) {
  int number = 1;
  ForkedTask task([&](const Stop&) { return std::to_string(++number); });
  wait_for(task);
  EXPECT_EQ(task.result(), "2");
  EXPECT_EQ(number, 1);
}

TEST(ForkedTask, SaysWhatKilledIt) {
  ForkedTask killed([](const Stop&) {
    kill(getpid(), SIGKILL);
    return std::string("never");
  });
  ForkedTask ended([](const Stop&) {
    _exit(7);
    return std::string("never");
  });
  wait_for(killed);
  wait_for(ended);
  EXPECT_EQ(killed.death(), "killed by signal 9 (Killed)");
  EXPECT_EQ(killed.result(), "");
  EXPECT_EQ(ended.death(), "ended with exit code 7");
}

TEST(ForkedTask, StopsWhenItIsAskedTo) {
  ForkedTask task([](const Stop& stop) {
    while (!stop) {
    }
    return std::string("stopped");
  });
  task.ask_to_stop();
  wait_for(task);
  EXPECT_EQ(task.result(), "stopped");
}

TEST(ForkedTask, OutlivesAnInterruptFromTheTerminal) {
  ForkedTask task([](const Stop& stop) {
    raise(SIGINT);
    raise(SIGINT);
    return std::string(stop ? "asked" : "not asked");
  });
  wait_for(task);
  EXPECT_EQ(task.result(), "asked");
}

TEST(ForkedTask, IsKilledWithItsOwner) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    const ForkedTask task([](const Stop&) -> std::string {
      for (;;) pause();
    });
    close(ends[1]);
  }
  // The copy held the other end as well.
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0);
  close(ends[0]);
}

}  // namespace
}  // namespace hearsay
