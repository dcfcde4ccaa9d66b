//! Compiles the screens.

fn main() -> Result<(), slint_build::CompileError> {
    println!("cargo::rerun-if-changed=ui");
    let config = slint_build::CompilerConfiguration::new()
        .with_style("fluent-light".to_owned())
        .embed_resources(slint_build::EmbedResourcesKind::EmbedFiles)
        .with_bundled_translations("lang")
        .with_debug_info(true);
    slint_build::compile_with_config("ui/kiosk.slint", config)
}
