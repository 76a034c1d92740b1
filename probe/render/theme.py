"""Light and dark: on a page of ours as the reader's system says, in a notebook as the notebook says."""

# Declarations of paper, text, what is said beside it, and rules.
LIGHT = "--paper:#fffefb;--text:#1c1b19;--faint:#6a665f;--rule:#dcd7cc"
DARK = "--paper:#161514;--text:#e9e4da;--faint:#a39c90;--rule:#3a3733"
# What notebooks write on the root of their page: JupyterLab and Notebook 7, VS Code, Colab.
LIGHT_HOSTS = ('[data-jp-theme-light="true"]', '[data-vscode-theme-kind="vscode-light"]',
               '[data-vscode-theme-kind="vscode-high-contrast-light"]', 'html[theme="light"]')
DARK_HOSTS = ('[data-jp-theme-light="false"]', '[data-vscode-theme-kind="vscode-dark"]',
              '[data-vscode-theme-kind="vscode-high-contrast"]', 'html[theme="dark"]')


def themed(scope: str, light: str, dark: str) -> str:
    """Return rules that give ``scope`` the declarations ``light`` or ``dark``; paper is always light.

    A notebook's own theme goes before that of the reader's system.

    Args:
        scope: a selector without commas.
        light, dark: declarations, ours.
    """
    def within(hosts: tuple[str, ...]) -> str:
        return ",".join(f"{host} {scope}" for host in hosts)

    return (f"{scope}{{{light}}}@media screen{{@media (prefers-color-scheme:dark){{{scope}{{{dark}}}}}"
            f"{within(LIGHT_HOSTS)}{{{light}}}{within(DARK_HOSTS)}{{{dark}}}}}")
