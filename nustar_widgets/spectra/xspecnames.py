"""Names of the models XSPEC has, in the order of its own list.

The order matters: an abbreviation means the first name that begins with it (``po`` is ``powerlaw``
and not ``posm``). Models of this list that this engine lacks are refused by name rather than
approximated.
"""

from __future__ import annotations

from typing import Final

_XSPEC = """
    agauss apec bapec btapec bbody bbodyrad bexrav bexriv bknpower bkn2pow bmc bremss bvapec
    bvtapec bvvapec bvvtapec c6mekl c6pmekl c6pvmkl c6vmekl carbatm cemekl cevmkl cflow compbb
    compmag compLS compPS compST comptb compth compTT cplinear cutoffpl disk diskir diskbb
    diskline diskm disko diskpbb diskpn eplogpar eqpair eqtherm equil expdec ezdiskbb gaussian
    gadem gnei grad grbm hatm kerrbb kerrd kerrdisk laor laor2 logpar lorentz meka mekal mkcflow
    nei nlapec npshock nsa nsagrav nsatmos nsmax nsmaxg nsx nteea nthComp optxagn optxagnf
    pegpwrlw pexmon pexrav pexriv plcabs powerlaw posm pshock raymond redge refsch rnei sedov
    sirf slimbh smaug snapec srcut sresc step tapec vapec vbremss vequil vgadem vgnei vmeka
    vmekal vmcflow vnei vnpshock voigt vpshock vraymond vrnei vsedov vtapec vvapec vvgnei vvnei
    vvnpshock vvpshock vvrnei vvsedov vvtapec zagauss zbbody zbremss zgauss zpowerlw absori
    acisabs constant cabs cyclabs dust edge expabs expfac gabs heilin highecut hrefl ismabs
    lyman notch pcfabs phabs plabs pwab redden smedge spexpcut spline SSS_ice swind1 TBabs TBfeo
    TBgas TBgrain TBvarabs TBpcf TBrel uvred varabs vphabs wabs wndabs xion xscat zbabs zdust
    zedge zhighect zigm zpcfabs zphabs zxipcf zredden zsmdust zTBabs zvarabs zvfeabs zvphabs
    zwabs zwndabs cflux clumin cpflux gsmooth ireflect kdblur kdblur2 kerrconv lsmooth partcov
    rdblur reflect rfxconv rgsxsrc simpl vashift vmshift xilconv zashift zmshift pileup
"""
XSPEC_MODELS: Final = tuple(_XSPEC.split())
"""``model.dat`` of XSPEC 12.9.1 (HEASoft 6.20), in its order."""

_OTHER = """
    zcutoffpl zlogpar zbknpower jet bwcycl bcph bsedov bvcph cph vcph gsedov agnsed agnslim
    qsosed ssa log10con logconst polconst pollin polpow olivineabs feedge thcomp grbcomp grbjet
    ismdust relxill relxillCp relxillD relxilllp relxilllpCp relxilllpD relxilllpion relxillNS
    relxillCO relxilllpAlpha relconv relconv_lp relline relline_lp xillver xillverCp xillverD
    xillverNS xillverCO borus02 mytorus uxclumpy ctorus xclumpy reflionx kynrefrev kynsed kyconv
    simplcut reltrans reltransCp
"""
OTHER_MODELS: Final = tuple(_OTHER.split())
"""Models of newer XSPEC releases and of packages that people load into it."""
