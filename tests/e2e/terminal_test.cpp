// What the program shows on a terminal, and what shells and man(1) are told about it.

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

/// What a shell command prints.
std::string output_of(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> bytes;
  std::size_t count = 0;
  while ((count = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0) {
    text.append(bytes.data(), count);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

/// What bash would complete the last word of a command line to.
std::string completions(const std::string& words, int last) {
  return output_of("bash -c 'source <(" HEARSAY_BINARY " completion bash); COMP_WORDS=(" + words +
                   "); COMP_CWORD=" + std::to_string(last) +
                   "; _hearsay; echo \"${COMPREPLY[@]}\"'");
}

TEST(Completion, KnowsCommandsOptionsAndChoices) {
  EXPECT_EQ(completions("hearsay re", 1), "resume report replay\n");
  EXPECT_EQ(completions("hearsay run --no", 2), "--no-report\n");
  EXPECT_EQ(completions("hearsay run x.yaml --format j", 4), "json\n");
  EXPECT_EQ(completions("hearsay completion z", 2), "zsh\n");
  // Nothing of ours: bash then offers files.
  EXPECT_EQ(completions("hearsay report r", 2), "\n");
}

TEST(Completion, NamesEveryCommandInEveryShell) {
  for (const char* const shell : {"bash", "zsh", "fish"}) {
    const std::string script = run_hearsay({"completion", shell}).out;
    for (const char* const word : {"run", "sweep", "compare", "report", "portable-kernels"}) {
      EXPECT_NE(script.find(word), std::string::npos) << shell << " " << word;
    }
  }
  EXPECT_EQ(run_hearsay({"completion", "tcsh"}).err,
            "error: completion: no shell \"tcsh\"; valid: bash, fish, zsh\n");
}

TEST(Manual, SaysWhatHelpSays) {
  const std::string page = run_hearsay({"man"}).out;
  EXPECT_TRUE(page.starts_with(".TH HEARSAY 1\n")) << page.substr(0, 100);
  EXPECT_NE(page.find(".SS \"hearsay compare RUN...\"\n"), std::string::npos);
  EXPECT_NE(page.find("\\fB\\-\\-figures\\fR \\fIDIR\\fR\n"), std::string::npos);
  EXPECT_NE(page.find("130 interrupted."), std::string::npos);
}

/// All that the program writes to a terminal, 200 columns wide.
std::string on_terminal(const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(HEARSAY_BINARY)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  winsize size{.ws_row = 24, .ws_col = 200};
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    execv(argv[0], argv.data());
    _exit(127);
  }
  std::string text;
  std::array<char, 4096> bytes;
  ssize_t count = 0;
  while ((count = read(terminal, bytes.data(), bytes.size())) > 0) {
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
  close(terminal);
  waitpid(child, nullptr, 0);
  return text;
}

class Terminal : public testing::Test {
 protected:
  std::vector<std::string> run() const {
    const std::filesystem::path scenario = temporary_.path() / "scenario.yaml";
    std::ofstream(scenario) << "name: q\npeers: 2000\ntopology: {kind: ring}\n"
                               "model: {kind: quadratic}\nprotocol: {kind: dpsgd, rounds: 100}\n"
                               "evaluation: {every_rounds: 1}\n";
    return {"run", scenario, "--out", temporary_.path() / "run", "--no-report"};
  }

  const TemporaryDirectory temporary_;
};

TEST_F(Terminal, ShowsOneLineThatIsWrittenAnew) {
  const std::string text = on_terminal(run());
  for (const char* const part : {"\r\033[Kround ", "/100  virtual ", " samples/s", " s left",
                                 "[round ", "consensus distance "}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text.substr(0, 2000);
  }
  // No colors: no escape sequence but the one that clears the line.
  for (std::size_t at = text.find('\033'); at != std::string::npos;
       at = text.find('\033', at + 1)) {
    EXPECT_EQ(text.substr(at, 3), "\033[K");
  }
}

TEST_F(Terminal, WritesPlainLinesWhereItIsNone) {
  const ProgramResult result = run_hearsay(run());
  EXPECT_EQ((result.out + result.err).find('\033'), std::string::npos);
  EXPECT_NE(result.err.find("round 1, virtual "), std::string::npos);
}

}  // namespace
}  // namespace hearsay
