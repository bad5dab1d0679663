//! `probe`: a command's instances, counted; its status and output are its own.

use super::support::project;

#[test]
fn instances_are_counted_and_the_status_is_the_commands() {
    let sandbox = project();
    sandbox.write(
        "serve.py",
        "import sys\nfrom app.ws.auth import Auth\nfrom app import main\nAuth(); main.start()\n\
         print('served')\nsys.exit(int(sys.argv[1]))\n",
    );
    let run = sandbox.does("probe --save before.json -- python3 serve.py 0").ok();
    assert_eq!(run.out, "served\n");
    run.says(&["RedisManager", "3", "app/ws/auth.py:8", "app/main.py:5", "app/redis.py:6"]);
    sandbox.does("probe -- python3 serve.py 3").exits(3);
    // The byte code of the hook is kept for the next time, and nothing but that.
    assert!(sandbox.path(".cache/tiermod").is_dir());
    assert!(!sandbox.run_git(&["status", "--porcelain"]).contains(".cache"));
    sandbox.does("apply --tier all").ok();
    let run = sandbox.does("probe --compare before.json -- python3 serve.py 0").ok();
    run.says(&["RedisManager", "app/redis.py:6", "-66"]);
    let run = sandbox.does("probe --format json -- python3 serve.py 0").ok();
    assert_eq!(run.out, "served\n");
    assert!(serde_json::from_str::<serde_json::Value>(&run.err).is_ok(), "{}", run.err);
    sandbox.does("probe -- none-such").exits(2).says(&["none-such"]);
    sandbox.does("probe").exits(2).says(&["CMD"]);
}
